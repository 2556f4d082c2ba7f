import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

/** What a test looks at of opentelemetry-proto 1.x; fields that are left out here are skipped. */
const definition = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
}
message ScopeSpans { repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Traces { repeated ResourceSpans resource_spans = 1; }
message NumberPoint { fixed64 time_unix_nano = 3; double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
message HistogramPoint {
  fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
}
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message Metric { string name = 1; string description = 2; Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
`;
const { root } = protobuf.parse(definition);
const readable = { longs: Number, bytes: String, defaults: true, arrays: true } as const;

type Attributes = Readonly<Record<string, unknown>>;

export interface CollectedSpan {
  readonly name: string;
  /** Hexadecimal; empty of a root. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** 2: of a server. */
  readonly kind: number;
  /** 2: an error. */
  readonly status: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
}

export interface CollectedMetric {
  readonly name: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly NumberPoint[] };
  readonly gauge?: { readonly dataPoints: readonly NumberPoint[] };
  readonly histogram?: { readonly dataPoints: readonly HistogramPoint[] };
}

interface NumberPoint {
  readonly asDouble: number;
  readonly attributes: Attributes;
}

interface HistogramPoint {
  readonly count: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly attributes: Attributes;
}

/** A collector of OpenTelemetry: it takes OTLP over HTTP as protobuf, and keeps what came. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  /** By name, as they came last. */
  readonly metrics = new Map<string, CollectedMetric>();
  resource: Attributes = {};
  /** Of each request, by their lower-case names. */
  readonly headers: Readonly<Record<string, unknown>>[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpCollector> {
    const server = createServer((request, response) => {
      void buffer(request).then((body) => {
        collector.headers.push(request.headers);
        const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        if (request.url === '/v1/traces') collector.takeTraces(bytes);
        if (request.url === '/v1/metrics') collector.takeMetrics(bytes);
        response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
      });
    });
    const collector = new OtlpCollector(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return collector;
  }

  get endpoint(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the collector has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private takeTraces(bytes: Uint8Array): void {
    for (const { resource, scopeSpans } of decoded('Traces', bytes)['resourceSpans'] as Raw[]) {
      this.resource = attributesOf((resource as Raw | null)?.['attributes']);
      for (const { spans } of scopeSpans as Raw[]) this.spans.push(...(spans as Raw[]).map(spanOf));
    }
  }

  private takeMetrics(bytes: Uint8Array): void {
    for (const { resource, scopeMetrics } of decoded('Metrics', bytes)['resourceMetrics'] as Raw[]) {
      this.resource = attributesOf((resource as Raw | null)?.['attributes']);
      for (const { metrics } of scopeMetrics as Raw[])
        for (const metric of metrics as Raw[]) this.metrics.set(String(metric['name']), metricOf(metric));
    }
  }
}

type Raw = Record<string, unknown>;

function decoded(type: string, bytes: Uint8Array): Raw {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), readable);
}

function spanOf(span: Raw): CollectedSpan {
  const hex = (name: string): string => Buffer.from(String(span[name]), 'base64').toString('hex');
  return {
    name: String(span['name']),
    traceId: hex('traceId'),
    spanId: hex('spanId'),
    parentSpanId: hex('parentSpanId'),
    kind: Number(span['kind']),
    status: Number((span['status'] as Raw | null)?.['code'] ?? 0),
    startMs: Number(span['startTimeUnixNano']) / 1e6,
    endMs: Number(span['endTimeUnixNano']) / 1e6,
    attributes: attributesOf(span['attributes']),
  };
}

function metricOf(metric: Raw): CollectedMetric {
  for (const kind of ['sum', 'gauge', 'histogram'])
    for (const point of ((metric[kind] as Raw | null)?.['dataPoints'] as Raw[] | undefined) ?? [])
      point['attributes'] = attributesOf(point['attributes']);
  return metric as unknown as CollectedMetric;
}

function attributesOf(pairs: unknown): Attributes {
  return Object.fromEntries(
    ((pairs ?? []) as { readonly key: string; readonly value: Raw | null }[]).map(({ key, value }) => [
      key,
      Object.values(value ?? {})[0],
    ]),
  );
}
