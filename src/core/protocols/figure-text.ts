/** How figures of a verification are written, in terminals, pages and messages alike. */

/** The ends of a confidence interval. */
interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** A share as "98.20 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A share in percent with as many digits as it needs: "0.1 %", "20 %". */
export function shortPercent(share: number, significantDigits = 3): string {
  return `${(100 * share).toLocaleString('en', { maximumSignificantDigits: significantDigits })} %`;
}

/** A difference of shares in percentage points, with its sign: "+1.20". */
export function points(difference: number): string {
  return signed(100 * difference, 2);
}

/** A difference with its sign: "+0.010". */
export function signed(difference: number, decimals: number): string {
  return `${difference < 0 ? '-' : '+'}${Math.abs(difference).toFixed(decimals)}`;
}

/** An interval as "0.10 to 0.25", each end by `text`; empty where there is none. */
export function intervalText(interval: Bounds | null | undefined, text: (value: number) => string): string {
  return interval === null || interval === undefined
    ? ''
    : `${text(interval.lower)} to ${text(interval.upper)}`;
}

/** A false match rate, to two digits: "1e-3". */
export function falseMatchRateText(rate: number): string {
  return Number(rate.toPrecision(2)).toExponential();
}

/** A p-value as it is written; a number so small that more digits say nothing is "< 0.0001". */
export function pValueText(pValue: number): string {
  return pValue < 1e-4 ? '< 0.0001' : pValue.toPrecision(2);
}
