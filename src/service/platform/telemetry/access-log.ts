import type { CallObserver } from './call-observers.js';
import type { CallStages } from './call-record.js';
import type { Logger } from './logger.js';

const probes = '/grpc.health.v1.Health/';
const keyStart = 'apiKeys/';

/**
 * Writes a line a call, when it has ended (docs/observability.md). Probes of the health service that are answered are left
 * out: there is one every few seconds.
 */
export function accessLog(logger: Logger): CallObserver {
  return (call, { code, reason, durationMs }) => {
    if (code === 'OK' && call.method.startsWith(probes)) return;
    const { caller, models, traceParent } = call;
    logger.info(
      {
        type: 'access',
        startTime: call.startTime.toISOString(),
        requestId: call.requestId,
        traceId: call.traceId ?? traceParent?.traceId,
        transport: call.transport,
        method: call.method,
        code,
        reason,
        durationMs: rounded(durationMs),
        stagesMs: roundedStages(call.stages),
        tenant: caller?.tenant,
        keyId: caller?.actor.startsWith(keyStart) === true ? caller.actor.slice(keyStart.length) : undefined,
        role: caller?.role,
        peer: call.peer,
        images: call.imageCount,
        faces: call.faceCount,
        failedParts: call.partFailures.size === 0 ? undefined : Object.fromEntries(call.partFailures),
        bytesReceived: call.receivedBytes,
        bytesSent: call.sentBytes,
        backbone: models?.backboneId,
        detector: models?.detectorId,
      },
      'call',
    );
  };
}

function roundedStages(stages: CallStages): Record<string, number> {
  return Object.fromEntries(
    Object.entries(stages).map(([stage, ms]: [string, number]) => [stage, rounded(ms)]),
  );
}

/** To hundredths of a millisecond. */
function rounded(ms: number): number {
  return Math.round(100 * ms) / 100;
}
