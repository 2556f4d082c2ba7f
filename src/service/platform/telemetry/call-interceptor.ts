import { type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import { reasonIn } from '../grpc/rich-status.js';
import type { Metrics } from './metrics.js';

/** Counts and times every call, whichever way it ends. */
export function callMetricsInterceptor(metrics: Metrics): ServerInterceptor {
  return (method, call) => {
    const startedAtMs = performance.now();
    let recorded = false;
    const record = (code: string, reason?: string): void => {
      if (recorded) return;
      recorded = true;
      metrics.onCall(method.path, code, (performance.now() - startedAtMs) / 1000, reason);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onCancel: () => {
            record(status[status.CANCELLED], 'CANCELLED');
          },
        });
      },
      sendStatus: (reply, next) => {
        const code = status[reply.code];
        record(code, reply.code === status.OK ? undefined : (reasonIn(reply.metadata) ?? code));
        next(reply);
      },
    });
  };
}
