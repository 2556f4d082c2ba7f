import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfiguration } from '../../src/service/platform/configuration/configuration.js';
import { CallRecord } from '../../src/service/platform/telemetry/call-record.js';
import { startOpenTelemetry } from '../../src/service/platform/telemetry/opentelemetry/start-open-telemetry.js';
import { OtlpCollector } from '../support/otlp-collector.js';

const traceParent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', flags: 1 };
const models = { backboneId: 'net-1', detectorId: 'detector-1', embeddingDimension: 4 };

let collector: OtlpCollector;
let registry: Registry;
const warnings: unknown[] = [];
const logger = {
  info: () => undefined,
  warn: (...fields: unknown[]) => void warnings.push(fields),
} as never;

beforeEach(async () => {
  collector = await OtlpCollector.start();
  registry = new Registry();
  warnings.length = 0;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector.stop();
});

const start = async (overrides: Record<string, string> = {}) => {
  for (const [name, value] of Object.entries(overrides)) vi.stubEnv(name, value);
  return startOpenTelemetry(readConfiguration().openTelemetry, registry, logger);
};

function endedCall(
  code: string,
  reason: string | undefined,
): [CallRecord, { code: string; reason: string | undefined; durationMs: number }] {
  const call = new CallRecord('/symface.v1.FaceVerificationService/Verify');
  call.requestId = 'request-1';
  call.traceParent = traceParent;
  call.caller = { actor: 'apiKeys/0123', tenant: 'acme', role: 'client' };
  const now = call.startedAtMs;
  const timing = { queuedAtMs: now, sentAtMs: now + 5, answeredAtMs: now + 65, faceCount: 1 };
  call.onImages(models, [{ ...timing, stages: { decode: 10, detect: 20, embed: 30 } }]);
  call.onStatement({ startedAtMs: now + 70, durationMs: 3 });
  return [call, { code, reason, durationMs: 80 }];
}

describe('traces', () => {
  it("are a span a call below the client's, with those of its images and statements", async () => {
    const exported = await start({ OTEL_SERVICE_NAME: 'door', OTEL_RESOURCE_ATTRIBUTES: 'site=north' });
    const [call, end] = endedCall('OK', undefined);
    exported?.onCallEnded?.(call, end);
    expect(call.traceId).toBe(traceParent.traceId);
    await exported?.close();
    expect(collector.resource).toMatchObject({ 'service.name': 'door', site: 'north' });
    const root = collector.spans.find(({ name }) => name === 'symface.v1.FaceVerificationService/Verify');
    expect(root).toMatchObject({
      traceId: traceParent.traceId,
      parentSpanId: traceParent.spanId,
      kind: 2,
      status: 0,
      attributes: {
        'rpc.system': 'grpc',
        'rpc.method': 'Verify',
        'symface.request_id': 'request-1',
        'symface.tenant': 'acme',
        'symface.backbone': 'net-1',
        'symface.faces': 1,
      },
    });
    const lengths = collector.spans
      .filter(({ parentSpanId }) => parentSpanId === root?.spanId)
      .map(({ name, startMs, endMs }) => [
        name,
        Math.round(startMs - (root?.startMs ?? 0)),
        Math.round(endMs - startMs),
      ]);
    expect(lengths).toEqual([
      ['queue', 0, 5],
      ['decode', 5, 10],
      ['detect', 15, 20],
      ['embed', 35, 30],
      ['database', 70, 3],
    ]);
    expect(collector.spans).toHaveLength(6);
  });

  it('say which failures are the service’s own', async () => {
    const exported = await start();
    exported?.onCallEnded?.(...endedCall('INVALID_ARGUMENT', 'FACE_NOT_FOUND'));
    exported?.onCallEnded?.(...endedCall('UNAVAILABLE', 'DATABASE_UNAVAILABLE'));
    await exported?.close();
    const calls = collector.spans.filter(({ kind }) => kind === 2);
    expect(calls.map(({ status, attributes }) => [status, attributes['symface.reason']])).toEqual([
      [0, 'FACE_NOT_FOUND'],
      [2, 'DATABASE_UNAVAILABLE'],
    ]);
  });

  it('are sampled, sent with headers and left out as the variables say', async () => {
    const headers = 'x-tenant=symface';
    const sampled = await start({ OTEL_TRACES_SAMPLER: 'always_off', OTEL_EXPORTER_OTLP_HEADERS: headers });
    sampled?.onCallEnded?.(...endedCall('OK', undefined));
    await sampled?.close();
    expect(collector.spans).toEqual([]);
    expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'symface' });
    expect((await start({ OTEL_TRACES_EXPORTER: 'none' }))?.onCallEnded).toBeUndefined();
  });
});

describe('metrics', () => {
  it('are those of Prometheus, by the same names', async () => {
    const registers = [registry];
    new Counter({ name: 'calls_total', help: 'calls', labelNames: ['method'], registers }).inc(
      { method: 'Verify' },
      3,
    );
    new Gauge({ name: 'queued', help: 'images', registers }).set(7);
    const histogram = new Histogram({
      name: 'seconds',
      help: 'time',
      labelNames: ['stage'],
      buckets: [1, 2, 5],
      registers,
    });
    for (const seconds of [0.5, 0.7, 4, 9]) histogram.observe({ stage: 'embed' }, seconds);
    const exported = await start({ OTEL_METRIC_EXPORT_INTERVAL: '60000' });
    await exported?.close();
    expect(collector.metrics.get('calls_total')?.sum).toMatchObject({
      isMonotonic: true,
      dataPoints: [{ asDouble: 3, attributes: { method: 'Verify' } }],
    });
    expect(collector.metrics.get('queued')?.gauge?.dataPoints).toMatchObject([{ asDouble: 7 }]);
    expect(collector.metrics.get('seconds')?.histogram?.dataPoints).toMatchObject([
      { count: 4, explicitBounds: [1, 2, 5], bucketCounts: [2, 0, 1, 1], attributes: { stage: 'embed' } },
    ]);
    expect(collector.metrics.get('seconds')?.histogram?.dataPoints[0]?.sum).toBeCloseTo(14.2, 10);
  });

  it('do not hold the end of the process where nobody takes them, and the log says so', async () => {
    await collector.stop();
    const exported = await start({ OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
    exported?.onCallEnded?.(...endedCall('OK', undefined));
    const startedAtMs = performance.now();
    await exported?.close();
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(JSON.stringify(warnings)).toContain('telemetry could not be exported');
    collector = await OtlpCollector.start();
  });
});

describe('without the standard variables', () => {
  const off = { traces: false, metrics: false };

  it.each([
    ['nothing is set', {}, off],
    [
      'it is disabled',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' },
      off,
    ],
    [
      'traces alone are asked for',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' },
      { traces: true, metrics: false },
    ],
    [
      'metrics are declined',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_METRICS_EXPORTER: 'none' },
      { traces: true, metrics: false },
    ],
  ])('goes by what is asked for: %s', (_, variables, expected) => {
    expect(readConfiguration(variables).openTelemetry).toMatchObject(expected);
  });

  it('refuses an exporter without a receiver, and protocols that there are not', () => {
    expect(() => readConfiguration({ OTEL_TRACES_EXPORTER: 'otlp' })).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT/u);
    expect(() => readConfiguration({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(
      /OTEL_EXPORTER_OTLP_PROTOCOL/u,
    );
  });

  it.each([
    ['loads neither SDK nor exporters', {}, 0],
    ['loads them where it is asked for', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, 1],
  ])('%s', async (_, variables, atLeast) => {
    const folder = '../../dist/service/platform';
    const url = (file: string) => JSON.stringify(new URL(`${folder}/${file}`, import.meta.url).href);
    const script = `
      import { createRequire } from 'node:module';
      import { Registry } from 'prom-client';
      const { readConfiguration } = await import(${url('configuration/configuration.js')});
      const { startOpenTelemetry } = await import(${url('telemetry/opentelemetry/start-open-telemetry.js')});
      const logger = { info() {}, warn() {} };
      await startOpenTelemetry(readConfiguration().openTelemetry, new Registry(), logger);
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => /@opentelemetry.(?!api)/.test(path));
      console.log(loaded.length);
      process.exit(0);
    `;
    const env = { PATH: process.env['PATH'], ...variables };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env },
    );
    expect(Math.min(1, Number(stdout))).toBe(atLeast);
  });
});
