import type { Interval } from '../generated/symface/v1/benchmark_pb.js';

/** A share as "98.20 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A difference of shares in percentage points, with its sign: "+1.20". */
export function points(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(2)}`;
}

/** The interval of a share; empty where there is none. */
export function percentInterval(interval: Interval | undefined): string {
  if (interval === undefined) return '';
  return `${(100 * interval.lower).toFixed(2)} to ${(100 * interval.upper).toFixed(2)} %`;
}

/** The interval of a difference of shares, in percentage points; empty where there is none. */
export function pointInterval(interval: Interval | undefined): string {
  return interval === undefined ? '' : `${points(interval.lower)} to ${points(interval.upper)}`;
}

/** A false match rate: 1e-3. */
export function rateText(falseMatchRate: number): string {
  return Number(falseMatchRate.toPrecision(2)).toExponential();
}

/** A p-value as it is written; a number so small that more digits say nothing is "< 0.0001". */
export function pValueText(pValue: number): string {
  return pValue < 1e-4 ? '< 0.0001' : pValue.toPrecision(2);
}
