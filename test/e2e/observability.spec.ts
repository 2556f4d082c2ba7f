import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { rpcMessage, serviceDefinition } from '../../src/contract/contract.js';
import { parseApiKeyText } from '../../src/service/access/api-key.js';
import { copyDatabaseTemplate } from '../support/database-template.js';
import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { alerts, dashboardExpressions, documentedMetrics } from '../support/operations-files.js';
import { OtlpCollector } from '../support/otlp-collector.js';
import { askedFor, scraped } from '../support/promql.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

type Line = Readonly<Record<string, unknown>>;

const { Verify: verifyMethod, StreamVerify: streamMethod } = serviceDefinition('FaceVerificationService');
const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;
/** What a value has to look like, typed as what it stands for. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const aNumber: unknown = expect.any(Number);
const above = (least: number): unknown => expect.toSatisfy((value: number) => value > least);
/** What Prometheus adds to each sample, and what it makes itself. */
const ofPrometheus = new Set(['job', 'instance', 'le']);

let keyedFolder: string;
let adminKey: string;
let collector: OtlpCollector;
let server: RunningServer;
let admin: SymFaceClient;
let raw: Client;
let face: Buffer;
let other: Buffer;

beforeAll(async () => {
  keyedFolder = await mkdtemp(join(tmpdir(), 'symface-observed-'));
  await copyDatabaseTemplate(keyedFolder);
  adminKey = await createKeyOffline(keyedFolder, 'admin');
  collector = await OtlpCollector.start();
  const settings = {
    SYMFACE_AUTHENTICATION: 'api-key',
    SYMFACE_ACCESS_LOG: 'on',
    SYMFACE_LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
  };
  server = await startRunningServer(settings, (folder) => cp(keyedFolder, folder, { recursive: true }));
  admin = new SymFaceClient({ server: server.address, timeoutMs: 60_000, apiKey: adminKey });
  raw = new Client(server.address, credentials.createInsecure());
  [face, other] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
  await makeCalls();
});

afterAll(async () => {
  admin.close();
  raw.close();
  await server.stop();
  await collector.stop();
  await rm(keyedFolder, { recursive: true });
});

/** Something of everything that metrics tell of. */
async function makeCalls(): Promise<void> {
  await admin.enrollment.createCollection({ collectionId: 'staff' });
  await admin.enrollment.enrollFaces({
    parent: 'collections/staff/subjects/ada',
    displayName: 'Ada Lovelace',
    createSubject: true,
    images: [{ content: face }],
  });
  await admin.faceVerification.verify({ imageA: { content: face }, imageB: { content: other } });
  await admin.faceVerification.identify({ collection: 'collections/staff', image: { content: face } });
  const pairs = [{ imageA: { content: face }, imageB: { content: Buffer.from('no image') } }];
  await admin.faceVerification.batchVerify({ pairs });
}

const metadataOf = (headers: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
};

interface RawAnswer {
  readonly error: ServiceError | null;
  readonly headers: Metadata | undefined;
}

async function verify(image: Buffer, headers: Readonly<Record<string, string>>): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let received: Metadata | undefined;
    raw
      .makeUnaryRequest(
        verifyMethod.path,
        verifyMethod.requestSerialize,
        verifyMethod.responseDeserialize,
        { imageA: { content: image }, imageB: { content: face } },
        metadataOf(headers),
        (error) => {
          resolve({ error, headers: received });
        },
      )
      .on('metadata', (metadata: Metadata) => (received = metadata));
  });
}

const post = async (path: string, headers: Readonly<Record<string, string>>, body: unknown = {}) =>
  fetch(`${server.httpUrl}/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const bearer = () => ({ authorization: `Bearer ${adminKey}` });

function lines(): readonly Line[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

/** The access log's line of a call, once it is there. */
async function lineOf(requestId: string): Promise<Line> {
  return vi.waitFor(() => {
    const line = lines().find((one) => one['type'] === 'access' && one['requestId'] === requestId);
    if (line === undefined) throw new Error(`no line of ${requestId}`);
    return line;
  });
}

describe('the access log', () => {
  it('has who called, how long each stage took and how much it was', async () => {
    await verify(face, { ...bearer(), 'x-request-id': 'door-7' });
    expect(await lineOf('door-7')).toEqual({
      level: 'info',
      time: like(isoTime),
      type: 'access',
      startTime: like(isoTime),
      requestId: 'door-7',
      traceId: like(/^[0-9a-f]{32}$/u),
      transport: 'grpc',
      method: verifyMethod.path,
      code: 'OK',
      durationMs: aNumber,
      stagesMs: {
        queue: aNumber,
        decode: aNumber,
        detect: aNumber,
        embed: aNumber,
      },
      tenant: 'default',
      keyId: parseApiKeyText(adminKey)?.id,
      role: 'admin',
      peer: like(/^127\.0\.0\.1:\d+$/u),
      images: 2,
      faces: 2,
      bytesReceived: above(2 * face.length),
      bytesSent: above(100),
      backbone: like(/^mobilefacenet-/u),
      detector: like(/^retinaface-/u),
      msg: 'call',
    });
  });

  it('says how much of a call was spent on the database, and which parts of an answer failed', () => {
    const of = (method: string) => lines().find((line) => String(line['method']).endsWith(`/${method}`));
    expect(of('EnrollFaces')?.['stagesMs']).toMatchObject({ database: aNumber });
    expect(of('BatchVerify')?.['failedParts']).toEqual({ IMAGE_FORMAT_UNSUPPORTED: 1 });
  });

  it('has calls over HTTP with the peer of the browser, and those that are refused before they are passed on', async () => {
    const [requestId, method] = ['web-1', 'symface.v1.FaceVerificationService/Verify'];
    const image = { content: face.toString('base64') };
    const headers = { Authorization: `Bearer ${adminKey}`, 'X-Request-Id': requestId };
    const answer = await post(method, headers, { imageA: image, imageB: image });
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    const peer = like(/^127\.0\.0\.1:\d+$/u);
    expect(await lineOf(requestId)).toMatchObject({
      transport: 'http',
      code: 'OK',
      faces: 2,
      role: 'admin',
      peer,
    });
    expect(lines().filter((line) => line['requestId'] === requestId)).toHaveLength(1);

    const refused = await post(method, { 'X-Request-Id': 'web-2' });
    expect(refused.status).toBe(401);
    expect(JSON.stringify(await refused.json())).toContain('"requestId":"web-2"');
    expect(await lineOf('web-2')).toMatchObject({
      transport: 'http',
      method: `/${method}`,
      code: 'UNAUTHENTICATED',
      reason: 'UNAUTHENTICATED',
      peer,
    });
    await post('symface.v1.FaceVerificationService/MadeUp', { ...headers, 'X-Request-Id': 'web-3' });
    expect(await lineOf('web-3')).toMatchObject({ method: 'unknown', code: 'UNIMPLEMENTED' });
  });

  it('has a stream when it has ended, and leaves probes out', async () => {
    const stream = raw.makeBidiStreamRequest(
      streamMethod.path,
      streamMethod.requestSerialize,
      streamMethod.responseDeserialize,
      metadataOf({ ...bearer(), 'x-request-id': 'stream-1' }),
    );
    stream.write({ correlationId: '1', request: { imageA: { content: face }, imageB: { content: other } } });
    stream.end();
    for await (const answer of stream) expect(answer).toBeDefined();
    expect(await lineOf('stream-1')).toMatchObject({ code: 'OK', images: 2, faces: 2 });
    expect(lines().filter((line) => String(line['method']).includes('Health'))).toEqual([]);
  });

  it('holds no names, images or keys', () => {
    const log = server.output();
    expect(log).not.toContain('Lovelace');
    expect(log).not.toContain('subjects/ada');
    expect(log).not.toContain(face.subarray(100, 124).toString('base64'));
    expect(log).not.toContain(parseApiKeyText(adminKey)!.secret);
  });

  it('begins with the version and the settings that matter, and what serves since when and by whom', () => {
    expect(lines().find(({ msg }) => msg === 'serving')).toMatchObject({
      version: like(/^\d+\.\d+\.\d+/u),
      grpc: server.address,
      access: 'plaintext, API keys',
      time: like(isoTime),
    });
    expect(lines().find(({ msg }) => msg === 'these models serve')).toMatchObject({
      backboneSince: like(isoTime),
      backboneBy: 'service',
      detectorBy: 'service',
    });
  });
});

describe('a request id', () => {
  it('comes back in headers, trailers and the details of an error', async () => {
    const { headers } = await verify(face, { ...bearer(), 'x-request-id': 'mine' });
    expect(headers?.get('x-request-id')).toEqual(['mine']);
    const { error } = await verify(Buffer.from('no image'), { ...bearer(), 'x-request-id': 'mine-too' });
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error?.metadata.get('x-request-id')).toEqual(['mine-too']);
    const [trailer] = error?.metadata.get('grpc-status-details-bin') ?? [];
    const details = rpcMessage('Status').deserialize(trailer as Buffer).details;
    const info = details.find(({ type_url: type }) => type.endsWith('/google.rpc.RequestInfo'));
    expect(rpcMessage('RequestInfo').deserialize(info!.value).requestId).toBe('mine-too');
  });
});

describe('/metrics', () => {
  const scrape = async () => scraped(await (await fetch(`${server.httpUrl}/metrics`)).text());
  const own = (metrics: ReadonlyMap<string, unknown>): readonly string[] => [
    ...new Set(
      [...metrics.keys()]
        .filter((name) => name.startsWith('symface_'))
        .map((name) => name.replace(/_(?:bucket|sum|count)$/u, '')),
    ),
  ];

  it('has what is documented and nothing else, with the labels that are documented', async () => {
    const metrics = await scrape();
    const documented = documentedMetrics();
    // There is none in plaintext.
    const expected = [...documented.keys()].filter((name) => !name.includes('_tls_'));
    expect([...own(metrics)].sort()).toEqual(expected.sort());
    for (const [name, labels] of documented) {
      const real = metrics.get(name) ?? metrics.get(`${name}_bucket`) ?? new Set<string>();
      const named = [...real].filter((label) => label !== 'le');
      if (named.length > 0) expect(named.sort(), name).toEqual([...labels].sort());
    }
  });

  it('has every metric and label that alerts and dashboard ask for', async () => {
    const metrics = await scrape();
    const documented = documentedMetrics();
    const labelsOf = (name: string) => {
      const labels = metrics.get(name) ?? new Set<string>();
      // Of what has no sample yet.
      return labels.size > 0
        ? labels
        : (documented.get(name.replace(/_(?:bucket|sum|count)$/u, '')) ?? labels);
    };
    const expressions = [
      ...alerts().map(({ alert, expr }) => [alert, expr] as const),
      ...dashboardExpressions(),
    ];
    const missing = expressions.flatMap(([title, expression]) => {
      const { selected, grouped } = askedFor(expression);
      const all = new Set([...selected.keys()].flatMap((name) => [...labelsOf(name)]));
      return [
        ...[...selected].flatMap(([name, labels]) => {
          if (name === 'up') return [];
          if (!metrics.has(name) && !name.includes('_tls_')) return [`${title}: ${name}`];
          const known = labelsOf(name);
          return [...labels]
            .filter((label) => !known.has(label) && !ofPrometheus.has(label))
            .map((label) => `${title}: ${name}{${label}}`);
        }),
        ...[...grouped]
          .filter((label) => !all.has(label) && !ofPrometheus.has(label))
          .map((label) => `${title}: by (${label})`),
      ];
    });
    expect(missing).toEqual([]);
  });

  it('counts what was decided, refused and looked at', async () => {
    const text = await (await fetch(`${server.httpUrl}/metrics`)).text();
    expect(text).toMatch(
      /symface_verifications_total\{model_version="mobilefacenet-[^"]+",decision="non_match"\} [1-9]/u,
    );
    expect(text).toMatch(/symface_identifications_total\{model_version="[^"]+",result="hit"\} 1/u);
    expect(text).toMatch(/symface_part_failures_total\{reason="IMAGE_FORMAT_UNSUPPORTED"\} 1/u);
    expect(text).toMatch(/symface_stage_duration_seconds_count\{stage="embed"\} [1-9]/u);
    expect(text).toMatch(/symface_database_up 1/u);
    expect(text).toMatch(/symface_replica_info\{[^}]*role="gateway"[^}]*\} 1/u);
  });

  it('is refused to pages of others', async () => {
    const { status: code } = await fetch(`${server.httpUrl}/metrics`, {
      headers: { Origin: 'https://other.example' },
    });
    expect(code).toBe(403);
  });
});

describe('OpenTelemetry', () => {
  it("gets a span a call below the client's, and the metrics of Prometheus", async () => {
    const headers = { ...bearer(), traceparent: `00-${traceId}-${spanId}-01`, 'x-request-id': 'traced' };
    await verify(face, headers);
    const spans = await vi.waitFor(() => {
      const found = collector.spans.filter((span) => span.traceId === traceId);
      if (found.length < 9) throw new Error(`${found.length} spans`);
      return found;
    });
    const root = spans.find(({ kind }) => kind === 2);
    expect(root).toMatchObject({
      name: 'symface.v1.FaceVerificationService/Verify',
      parentSpanId: spanId,
      attributes: { 'symface.request_id': 'traced', 'symface.tenant': 'default' },
    });
    const names = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ name }) => name);
    expect(names.filter((name) => name !== 'database').sort()).toEqual(
      ['decode', 'detect', 'embed', 'queue'].flatMap((name) => [name, name]),
    );
    expect(await lineOf('traced')).toMatchObject({ traceId });
    expect(collector.resource['service.name']).toBe('symface');
    await vi.waitFor(
      () => {
        expect(collector.metrics.has('symface_grpc_calls_total')).toBe(true);
      },
      { timeout: 5_000 },
    );
    expect(JSON.stringify(collector.spans)).not.toContain('Lovelace');
  });
});
