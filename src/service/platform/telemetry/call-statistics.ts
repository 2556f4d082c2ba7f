import type { Counter, Histogram } from 'prom-client';
import { type Bucket, histogramPercentile } from './histogram-percentile.js';

/** Calls of one method that have ended, since the start of the process. */
export interface MethodStatistics {
  readonly method: string;
  readonly callCount: number;
  readonly failedCallCount: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** How often calls of a method failed for a reason. */
export interface FailureStatistics {
  readonly method: string;
  readonly reason: string;
  readonly callCount: number;
}

/** Reads what the metrics of calls say, by method in alphabetical order. */
export async function methodStatistics(
  calls: Counter<'method' | 'code'>,
  seconds: Histogram<'method'>,
): Promise<readonly MethodStatistics[]> {
  const buckets = new Map<string, Bucket[]>();
  for (const { labels, value, metricName } of (await seconds.get()).values) {
    const { le, method } = labels as { readonly le?: string | number; readonly method: string };
    if (metricName?.endsWith('_bucket') !== true || le === undefined) continue;
    const upperBound = le === '+Inf' ? Infinity : Number(le);
    const before = buckets.get(method) ?? [];
    buckets.set(method, [...before, { upperBound, cumulativeCount: value }]);
  }
  const failed = new Map<string, number>();
  for (const { labels, value } of (await calls.get()).values) {
    const { method = '', code } = labels;
    if (code !== 'OK') failed.set(String(method), (failed.get(String(method)) ?? 0) + value);
  }
  return [...buckets.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([method, ofMethod]) => ({
      method,
      callCount: ofMethod.at(-1)?.cumulativeCount ?? 0,
      failedCallCount: failed.get(method) ?? 0,
      p50Ms: 1000 * histogramPercentile(ofMethod, 0.5),
      p95Ms: 1000 * histogramPercentile(ofMethod, 0.95),
      p99Ms: 1000 * histogramPercentile(ofMethod, 0.99),
    }));
}

/** Reads why calls failed, the most frequent first. */
export async function failureStatistics(
  failures: Counter<'method' | 'reason'>,
): Promise<readonly FailureStatistics[]> {
  return (await failures.get()).values
    .map(({ labels: { method = '', reason = '' }, value }) => ({
      method: String(method),
      reason: String(reason),
      callCount: value,
    }))
    .sort((left, right) => right.callCount - left.callCount);
}
