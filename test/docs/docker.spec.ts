import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createServerWithTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { certificateFolder } from '../support/certificates.js';

import {
  environmentSchema,
  readConfiguration,
} from '../../src/service/platform/configuration/configuration.js';

const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const settings = new Set(Object.keys(environmentSchema.shape));

interface Service {
  readonly build?: { readonly dockerfile: string; readonly target?: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

describe.each(['Dockerfile', 'cuda12.Dockerfile', 'tensorflow.Dockerfile'])('docker/%s', (name) => {
  const dockerfile = `docker/${name}`;

  it('has nothing to complain of', () => {
    expect(validate(text(dockerfile)).map(({ message, range }) => [range.start.line + 1, message])).toEqual(
      [],
    );
  });

  it('sets what the service knows', () => {
    const names = text(dockerfile).match(/SYMFACE_[A-Z_]+/gu) ?? [];
    expect(names.filter((name) => !settings.has(name))).toEqual([]);
  });
});

describe('docker/compose.yaml', () => {
  const compose = parse(text('docker/compose.yaml'), { merge: true }) as Compose;

  it('sets what the service knows', () => {
    const ours = Object.values(compose.services).filter(({ build }) => build !== undefined);
    const names = ours.flatMap(({ environment }) => Object.keys(environment));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !settings.has(name))).toEqual([]);
  });

  it('builds from files and stages that are there', () => {
    for (const { build } of Object.values(compose.services)) {
      if (build === undefined) continue;
      const { dockerfile, target } = build;
      const stages = [...text(dockerfile).matchAll(/^FROM \S+ AS (\S+)$/gmu)].map(([, stage]) => stage);
      if (target !== undefined) expect(stages).toContain(target);
    }
  });

  it('declares every volume, secret and service that is used, and uses every one', () => {
    const services = Object.values(compose.services);
    const named = (lists: readonly (readonly string[] | undefined)[]) =>
      [...new Set(lists.flatMap((list) => list ?? []).map((entry) => entry.split(':')[0]!))].sort();
    expect(named(services.map(({ volumes }) => volumes))).toEqual(Object.keys(compose.volumes).sort());
    expect(named(services.map(({ secrets }) => secrets))).toEqual(Object.keys(compose.secrets).sort());
    for (const { depends_on: needed = {} } of services) {
      for (const name of Object.keys(needed)) expect(compose.services).toHaveProperty(name);
    }
  });

  it('has no key that the Compose Specification does not have', () => {
    const known = new Set(
      [
        'build',
        'depends_on',
        'deploy',
        'environment',
        'healthcheck',
        'image',
        'ports',
        'profiles',
        'read_only',
      ].concat(['restart', 'secrets', 'stop_grace_period', 'tmpfs', 'volumes']),
    );
    const topLevel = Object.keys(compose).filter((key) => !key.startsWith('x-'));
    expect(topLevel.sort()).toEqual(['secrets', 'services', 'volumes']);
    const keys = Object.values(compose.services).flatMap((service) => Object.keys(service));
    expect(keys.filter((key) => !known.has(key))).toEqual([]);
  });

  it('runs on a read-only root, on ports that the service opens, and gives it the time to drain', () => {
    const { drainTimeoutMs, grpcPort, httpPort } = readConfiguration({});
    const jobsMs = 60_000;
    for (const { build, read_only: isReadOnly, tmpfs, stop_grace_period: grace = '' } of Object.values(
      compose.services,
    )) {
      if (build === undefined) continue;
      expect([isReadOnly, tmpfs]).toEqual([true, ['/tmp']]);
      expect(Number.parseInt(grace, 10) * 1000).toBeGreaterThan(jobsMs);
    }
    const { ports = [], stop_grace_period: grace = '' } = compose.services['symface']!;
    expect(ports.map((port) => Number(port.split(':').at(-1)))).toEqual([grpcPort, httpPort]);
    expect(Number.parseInt(grace, 10) * 1000).toBeGreaterThan(jobsMs + drainTimeoutMs);
  });

  it('keeps its secrets out of git and out of the image', () => {
    expect(text('.dockerignore').split('\n')).toContain('docker/secrets');
    expect(text('.gitignore').split('\n')).toContain('docker/secrets/');
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^secrets\//u);
  });
});

describe('docker/probe.mjs', () => {
  const answer: RequestListener = ({ url }, response) => {
    response.writeHead(url === '/readyz' ? ready : 404).end();
  };
  let ready = 200;

  async function probe(server: Server, settings: Readonly<Record<string, string>>): Promise<number> {
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const file = fileURLToPath(new URL('../../docker/probe.mjs', import.meta.url));
    return new Promise((resolve) => {
      const env = { SYMFACE_HTTP_PORT: String(port), ...settings };
      const child = execFile(process.execPath, [file], { env });
      child.once('close', (code) => {
        resolve(code ?? -1);
      });
    });
  }

  it('ends with 0 where the service is ready, in plaintext and with TLS, and with 1 where it is not', async () => {
    const folder = await certificateFolder();
    const { certificateFile, keyFile } = await (await folder.authority('ca')).issue('server');
    const tls = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    const [plain, secure] = [createServer(answer), createServerWithTls(tls, answer)];
    const everywhere = { SYMFACE_HTTP_HOST: '0.0.0.0' };
    expect(await probe(plain, everywhere)).toBe(0);
    expect(await probe(secure, { ...everywhere, SYMFACE_HTTP_TLS: 'true' })).toBe(0);
    ready = 503;
    expect(await probe(plain, {})).toBe(1);
    expect(await probe(secure, { SYMFACE_HTTP_TLS: 'true' })).toBe(1);
    ready = 200;
    // TLS against plaintext, and nobody.
    expect(await probe(plain, { SYMFACE_HTTP_TLS: 'true' })).toBe(1);
    expect(await probe(secure, { SYMFACE_HTTP_PORT: '1' })).toBe(1);
    for (const server of [plain, secure]) server.close();
    await folder.remove();
  });

  it('is what the image asks, and is in it', () => {
    expect(text('docker/Dockerfile')).toMatch(/^HEALTHCHECK .*"docker\/probe\.mjs"/mu);
    expect(text('docker/Dockerfile')).toMatch(/^COPY .*docker\/probe\.mjs/mu);
  });
});
