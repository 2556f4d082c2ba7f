/** The load that the benchmark puts on the service, and what it sees of it. */
import { status } from '@grpc/grpc-js';

/**
 * Closed-loop load: each client sends its next call when the one before it is answered.
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
        countFailure(failures, error);
        // As a client would: a refused call is not repeated at once.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, lane));
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { clients, ...summary(latenciesMs, failures, seconds) };
}

/**
 * Open-loop load: calls start at a steady rate, whether or not those before them are answered.
 * @param perSecond calls started a second
 * @param {(latencyMs: number) => void} onLatency told of every accepted call's
 */
export async function openLoop(call, perSecond, durationMs, onLatency = () => {}) {
  const latenciesMs = [];
  const failures = new Map();
  const pending = new Set();
  const startedAtMs = performance.now();
  const once = async () => {
    const sentAtMs = performance.now();
    try {
      await call();
      const latencyMs = performance.now() - sentAtMs;
      latenciesMs.push(latencyMs);
      onLatency(latencyMs);
    } catch (error) {
      countFailure(failures, error);
    }
  };
  let started = 0;
  while (performance.now() - startedAtMs < durationMs) {
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond);
    for (; started < due; started++) {
      const running = once().finally(() => pending.delete(running));
      pending.add(running);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(pending);
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { offeredPerSecond: perSecond, ...summary(latenciesMs, failures, seconds) };
}

function countFailure(failures, error) {
  const code = status[error.code] ?? error.message;
  failures.set(code, (failures.get(code) ?? 0) + 1);
}

function summary(latenciesMs, failures, seconds) {
  latenciesMs.sort((a, b) => a - b);
  return {
    perSecond: latenciesMs.length / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p95Ms: percentile(latenciesMs, 0.95),
    p99Ms: percentile(latenciesMs, 0.99),
    accepted: latenciesMs.length,
    failures: Object.fromEntries(failures),
  };
}

/** @param sorted ascending */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
