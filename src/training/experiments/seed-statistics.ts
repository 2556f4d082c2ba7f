/** A figure over the seeds of one cell. */
export interface SeedSummary {
  /** Seeds that have it. */
  readonly count: number;
  readonly mean: number;
  /** The standard deviation of a sample (n - 1); undefined for one seed. */
  readonly standardDeviation: number | undefined;
}

/** How much a figure of one cell exceeds that of its baseline, seed by seed. */
export interface PairedDifference {
  /** Seeds that both have. */
  readonly count: number;
  readonly mean: number;
}

/** A figure's values by seed. */
export type ValuesBySeed = ReadonlyMap<number, number>;

/** @throws RangeError where there is no value */
export function summarise(values: readonly number[]): SeedSummary {
  const count = values.length;
  if (count === 0) throw new RangeError('a mean needs a value');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean, standardDeviation: undefined };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, standardDeviation: Math.sqrt(squares / (count - 1)) };
}

/** The difference of two cells' figures, seed by seed; undefined where no seed has both. */
export function pairedDifference(baseline: ValuesBySeed, other: ValuesBySeed): PairedDifference | undefined {
  const differences = [...other].flatMap(([seed, value]) => {
    const before = baseline.get(seed);
    return before === undefined ? [] : [value - before];
  });
  if (differences.length === 0) return undefined;
  const { count, mean } = summarise(differences);
  return { count, mean };
}
