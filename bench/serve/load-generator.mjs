/** Closed-loop load: each client sends its next call when the one before it is answered. */
import { status } from '@grpc/grpc-js';

/**
 * @param call sends one request, rejects with an error that has a gRPC `code`
 * @param clients calls in flight
 * @param durationMs how long new calls are started
 * @returns accepted calls' rate and latency percentiles, and what was refused
 */
export async function closedLoop(call, clients, durationMs) {
  const latenciesMs = [];
  const failures = new Map();
  const startedAtMs = performance.now();
  const lane = async () => {
    while (performance.now() - startedAtMs < durationMs) {
      const sentAtMs = performance.now();
      try {
        await call();
        latenciesMs.push(performance.now() - sentAtMs);
      } catch (error) {
        const code = status[error.code] ?? error.message;
        failures.set(code, (failures.get(code) ?? 0) + 1);
        // As a client would: a refused call is not repeated at once.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, lane));
  const seconds = (performance.now() - startedAtMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    clients,
    perSecond: latenciesMs.length / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p95Ms: percentile(latenciesMs, 0.95),
    p99Ms: percentile(latenciesMs, 0.99),
    accepted: latenciesMs.length,
    failures: Object.fromEntries(failures),
  };
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
