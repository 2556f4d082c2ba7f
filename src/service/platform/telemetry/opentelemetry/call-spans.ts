import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { status } from '@grpc/grpc-js';
import type { ImageTiming } from '../../../../inference/analyser/stage-durations.js';
import type { CallObserver } from '../call-observers.js';
import type { CallEnd, CallRecord } from '../call-record.js';

/** What is the service's failure, and not its client's (semantic conventions of RPC servers). */
const serverFailures: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/**
 * Makes the spans of a call when it has ended, from what was noted of it: one of its own below its client's, and below that those of
 * its first images and statements.
 */
export function callSpans(tracer: Tracer): CallObserver {
  return (call, end) => {
    const at = (ms: number): number => call.startTime.getTime() + (ms - call.startedAtMs);
    const span = tracer.startSpan(
      call.method.slice(1),
      { kind: SpanKind.SERVER, startTime: at(call.startedAtMs), attributes: attributesOf(call, end) },
      parentOf(call),
    );
    call.traceId = span.spanContext().traceId;
    if (serverFailures.has(end.code))
      span.setStatus({ code: SpanStatusCode.ERROR, message: end.reason ?? '' });
    if (span.isRecording()) {
      const within = trace.setSpan(ROOT_CONTEXT, span);
      for (const [name, startMs, endMs] of parts(call))
        tracer.startSpan(name, { startTime: at(startMs) }, within).end(at(endMs));
    }
    span.end(at(call.startedAtMs + end.durationMs));
  };
}

function parentOf({ traceParent }: CallRecord): Context {
  if (traceParent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = traceParent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
}

function attributesOf(call: CallRecord, { code, reason }: CallEnd): Record<string, string | number> {
  const [, service = '', method = ''] = call.method.split('/');
  const { caller, models } = call;
  return {
    'rpc.system': 'grpc',
    'rpc.service': service,
    'rpc.method': method,
    'rpc.grpc.status_code': status[code as keyof typeof status],
    'network.peer.address': call.peer.replace(/:\d*$/u, ''),
    'symface.request_id': call.requestId,
    'symface.transport': call.transport,
    'symface.images': call.imageCount,
    'symface.faces': call.faceCount,
    ...(reason !== undefined && { 'symface.reason': reason }),
    ...(caller !== undefined && { 'symface.tenant': caller.tenant, 'symface.actor': caller.actor }),
    ...(models !== undefined && {
      'symface.backbone': models.backboneId,
      'symface.detector': models.detectorId,
    }),
  };
}

type Part = readonly [name: string, startMs: number, endMs: number];

function parts({ images, statements }: CallRecord): readonly Part[] {
  return [
    ...images.flatMap(imageParts),
    ...statements.map(
      ({ startedAtMs, durationMs }) => ['database', startedAtMs, startedAtMs + durationMs] as const,
    ),
  ];
}

/** A worker tells how long the stages took, not when: one after another from when it got the image. */
function imageParts({ queuedAtMs, sentAtMs, stages }: ImageTiming): readonly Part[] {
  if (sentAtMs === undefined) return [];
  let endMs = sentAtMs;
  const inOrder = (['decode', 'detect', 'embed'] as const).flatMap((stage): Part[] => {
    const ms = stages[stage];
    if (ms === undefined) return [];
    const startMs = endMs;
    endMs += ms;
    return [[stage, startMs, endMs]];
  });
  return [['queue', queuedAtMs, sentAtMs], ...inOrder];
}
