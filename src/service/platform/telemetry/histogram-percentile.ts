/** The values up to a bound, as a Prometheus histogram counts them. */
export interface Bucket {
  /** Infinity for the last. */
  readonly upperBound: number;
  /** Values up to the bound, those of the buckets before included. */
  readonly cumulativeCount: number;
}

/**
 * A percentile of a histogram's values, interpolated within its bucket as Prometheus' histogram_quantile does.
 * @param buckets by rising bound; the last is infinite
 * @param share 0 to 1
 * @returns in the unit of the bounds; the highest finite bound where the percentile is beyond it, 0 without values
 */
export function histogramPercentile(buckets: readonly Bucket[], share: number): number {
  const total = buckets.at(-1)?.cumulativeCount ?? 0;
  if (total === 0) return 0;
  const rank = share * total;
  const index = buckets.findIndex(({ cumulativeCount }) => cumulativeCount >= rank);
  const bucket = buckets[index];
  const before = buckets[index - 1] ?? { upperBound: 0, cumulativeCount: 0 };
  if (bucket === undefined || bucket.upperBound === Infinity) return before.upperBound;
  const within = (rank - before.cumulativeCount) / (bucket.cumulativeCount - before.cumulativeCount);
  return before.upperBound + within * (bucket.upperBound - before.upperBound);
}
