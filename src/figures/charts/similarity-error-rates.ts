/** Counts of similarities in equal bins from -1 to 1. */
export interface SimilarityCounts {
  readonly genuine: readonly number[];
  readonly impostor: readonly number[];
}

/** How often a threshold errs. */
export interface ErrorRates {
  readonly falseMatchRate: number;
  readonly falseNonMatchRate: number;
}

/**
 * The error rates at a threshold, by counts: within a bin, similarities are taken to lie evenly. NaN where there are no
 * pairs of a kind.
 * @param threshold similarity from which on a pair matches
 */
export function errorRatesAt({ genuine, impostor }: SimilarityCounts, threshold: number): ErrorRates {
  return {
    falseMatchRate: shareFrom(impostor, threshold),
    falseNonMatchRate: 1 - shareFrom(genuine, threshold),
  };
}

/** The share of what was counted that is at or above a similarity. */
function shareFrom(counts: readonly number[], similarity: number): number {
  const place = ((similarity + 1) / 2) * counts.length;
  let [above, total] = [0, 0];
  for (const [bin, count] of counts.entries()) {
    total += count;
    above += count * Math.min(Math.max(bin + 1 - place, 0), 1);
  }
  return above / total;
}

/** The similarity where the two error rates are about the same, to a thousandth. */
export function equalErrorThreshold(counts: SimilarityCounts): number {
  let [low, high] = [-1, 1];
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    const { falseMatchRate, falseNonMatchRate } = errorRatesAt(counts, middle);
    if (falseMatchRate > falseNonMatchRate) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
