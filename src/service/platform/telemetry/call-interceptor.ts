import { type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import type { Metrics } from './metrics.js';

/** Counts and times every call, whichever way it ends. */
export function callMetricsInterceptor(metrics: Metrics): ServerInterceptor {
  return (method, call) => {
    const startedAtMs = performance.now();
    let recorded = false;
    const record = (code: string): void => {
      if (recorded) return;
      recorded = true;
      metrics.onCall(method.path, code, (performance.now() - startedAtMs) / 1000);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onCancel: () => {
            record(status[status.CANCELLED]);
          },
        });
      },
      sendStatus: (reply, next) => {
        record(status[reply.code]);
        next(reply);
      },
    });
  };
}
