import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import {
  environmentSchema,
  readConfiguration,
} from '../../src/service/platform/configuration/configuration.js';

const folder = new URL('../../deploy/kubernetes/', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const settings = new Set(
  Object.keys(z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' }).properties ?? {}),
);

type Labels = Readonly<Record<string, string>>;
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
  readonly serviceAccountName: string;
}
interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Labels;
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels } & Labels;
    readonly podSelector: { readonly matchLabels: Labels };
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly ports: readonly { readonly targetPort: string; readonly port: number }[];
    readonly ingress: readonly { readonly ports: readonly { readonly port: number }[] }[];
    readonly scaleTargetRef: { readonly name: string };
    readonly metrics: readonly { readonly pods?: { readonly metric: { readonly name: string } } }[];
  };
}

const kustomization = parse(text('kustomization.yaml')) as {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
};
const documents = kustomization.resources.flatMap((file) =>
  parseAllDocuments(text(file), { merge: true }).map((document) => ({
    file,
    value: document.toJS() as Document,
  })),
);
const ofKind = (kind: string): readonly Document[] =>
  documents.map(({ value }) => value).filter((document) => document.kind === kind);
const deployments = ofKind('Deployment');
const configMap = ofKind('ConfigMap')[0]!;

/** Counts the properties that are read, by their paths: those of which a schema knows nothing are not. */
function watched(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, key) => {
      const child = `${path}/${String(key)}`;
      read.add(child);
      return watched(Reflect.get(target, key), child, read);
    },
  });
}

function pathsOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    `${path}/${key}`,
    ...pathsOf(child, `${path}/${key}`),
  ]);
}

interface Validator {
  (data: unknown): boolean;
  readonly errors: unknown;
}

/** The API's own schema of a kind, compiled: a model of kubernetes-models would read every property before it. */
function validatorOf({ apiVersion, kind }: Document): Validator {
  const require = createRequire(import.meta.url);
  const models = dirname(require.resolve('kubernetes-models'));
  const model = readFileSync(join(models, apiVersion, `${kind}.js`), 'utf8');
  const name = /_schemas\/(?<name>\w+)/u.exec(model)?.groups?.['name'];
  const { validate } = require(join(models, '_schemas', `${name}.js`)) as { readonly validate: Validator };
  return validate;
}

/** What the schema has against a document, and the properties that it does not have. */
function problemsOf(document: Document): string | undefined {
  const read = new Set<string>();
  const validate = validatorOf(document);
  if (!validate(watched(document, '', read))) return JSON.stringify(validate.errors);
  const unknown = pathsOf(document, '').filter((path) => !read.has(path));
  return unknown.length === 0 ? undefined : `unknown: ${unknown.join(', ')}`;
}

describe('deploy/kubernetes', () => {
  it('lists every file that there is', () => {
    const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');
    expect([...kustomization.resources].sort()).toEqual(files.sort());
  });

  it.each(
    documents.map(({ file, value }) => [`${file}: ${value.kind} ${value.metadata.name}`, value] as const),
  )('fits the schema of the API: %s', (_name, document) => {
    expect(problemsOf(document)).toBeUndefined();
  });

  it('would not fit it with a wrong type, or with a property that there is not', () => {
    const [gateway] = deployments;
    const wrongType = { ...gateway!, spec: { ...gateway!.spec, replicas: 'two' } };
    expect(problemsOf(wrongType as unknown as Document)).toMatch(/replicas/u);
    const misspelt = { ...gateway!, spec: { ...gateway!.spec, replicaz: 2 } };
    expect(problemsOf(misspelt as unknown as Document)).toBe('unknown: /spec/replicaz');
  });

  it('sets what the service knows, and to what it takes', () => {
    for (const { metadata, spec } of deployments) {
      for (const { env } of spec.template.spec.containers) {
        const names = [...env.map(({ name }) => name), ...Object.keys(configMap.data ?? {})];
        expect(
          names.filter((name) => !settings.has(name)),
          metadata.name,
        ).toEqual([]);
        const given = env.map(({ name, value }) => [name, value ?? 'postgres://user@host/database'] as const);
        readConfiguration({ ...configMap.data, ...Object.fromEntries(given) });
      }
    }
  });

  it('gives a pod more time to end than it takes', () => {
    const jobsMs = 60_000;
    for (const { metadata, spec } of deployments) {
      const { terminationGracePeriodSeconds: graceSeconds, containers } = spec.template.spec;
      const own = Object.fromEntries(
        containers[0]!.env.map(({ name, value }) => [name, value ?? 'postgres://a@b/c']),
      );
      const { drainDelayMs, drainTimeoutMs } = readConfiguration({ ...configMap.data, ...own });
      const isGateway = metadata.name === 'symface-gateway';
      const takenMs = isGateway ? Math.max(drainDelayMs, jobsMs) + drainTimeoutMs : jobsMs;
      expect(graceSeconds * 1000, metadata.name).toBeGreaterThan(takenMs);
    }
  });

  it('runs as nobody in particular, on a read-only root, within limits', () => {
    for (const { spec } of deployments) {
      const { securityContext, containers, volumes, serviceAccountName } = spec.template.spec;
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(ofKind('ServiceAccount').map(({ metadata }) => metadata.name)).toContain(serviceAccountName);
      for (const container of containers) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.anything() as unknown },
          limits: { memory: expect.anything() as unknown },
        });
        const mounted = container.volumeMounts.map(({ name }) => name);
        expect(mounted.sort()).toEqual(volumes.map(({ name }) => name).sort());
        const paths = container.volumeMounts.map(({ mountPath }) => mountPath);
        expect(paths).toEqual(expect.arrayContaining(['/var/lib/symface', '/tmp']));
        expect(container.envFrom.map(({ configMapRef }) => configMapRef.name)).toEqual([
          configMap.metadata.name,
        ]);
      }
    }
  });

  it('asks ports and paths that answer, and images that the Dockerfile makes', () => {
    const dockerfile = readFileSync(new URL('../../docker/Dockerfile', import.meta.url), 'utf8');
    const operations = readFileSync(
      new URL('../../src/service/platform/http/operations.controller.ts', import.meta.url),
      'utf8',
    );
    const { grpcPort, httpPort } = readConfiguration({});
    for (const { spec } of deployments) {
      const [{ image, args, ports, startupProbe, readinessProbe, livenessProbe }] = spec.template.spec
        .containers as readonly [Container];
      const known: Record<string, number> = { grpc: grpcPort, http: httpPort };
      for (const { name, containerPort } of ports) expect(containerPort).toBe(known[name]);
      for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) {
        expect(ports.map(({ name }) => name)).toContain(httpGet.port);
        expect(operations).toContain(`@Get('${httpGet.path.slice(1)}')`);
      }
      const stage = image === 'symface' ? 'service' : image.slice('symface-'.length);
      expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${stage}$`, 'mu'));
      expect(dockerfile).toContain(`CMD ["${args[0]}"`);
      expect(kustomization.images.map(({ name }) => name)).toContain(image);
    }
  });

  it('selects pods that there are', () => {
    const pods = deployments.map(({ spec }) => spec.template);
    const selected = (labels: Labels) =>
      pods.filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata.labels[key] === value),
      );
    for (const { metadata, spec } of ofKind('Service')) {
      const [pod] = selected(spec.selector);
      expect(pod, metadata.name).toBeDefined();
      const names = pod!.spec.containers[0]!.ports.map(({ name }) => name);
      for (const { targetPort } of spec.ports) expect(names).toContain(targetPort);
    }
    for (const { spec } of [...ofKind('PodDisruptionBudget'), ...deployments])
      expect(selected(spec.selector.matchLabels)).toHaveLength(1);
    for (const { spec } of ofKind('NetworkPolicy')) {
      const ports = selected(spec.podSelector.matchLabels).flatMap((pod) => pod.spec.containers[0]!.ports);
      for (const { port } of spec.ingress.flatMap((rule) => rule.ports))
        expect(ports.map(({ containerPort }) => containerPort)).toContain(port);
    }
  });

  it('scales what there is by what /metrics has', () => {
    const [autoscaler] = ofKind('HorizontalPodAutoscaler');
    expect(deployments.map(({ metadata }) => metadata.name)).toContain(autoscaler!.spec.scaleTargetRef.name);
    const metrics = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const names = autoscaler!.spec.metrics.flatMap(({ pods }) =>
      pods === undefined ? [] : [pods.metric.name],
    );
    expect(names).not.toEqual([]);
    for (const name of names) expect(metrics).toContain(`\`${name}\``);
  });
});
