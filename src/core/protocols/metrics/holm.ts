/**
 * Holm's correction (1979) for the number of comparisons: p-values of which, taken together, one below α is by chance with a
 * probability of at most α, however they depend on each other.
 *
 * @param pValues in any order
 * @returns one for each, in the same order: the k-th smallest of m times m - k + 1, at least the one before and at most 1
 */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, (pValues.length - rank) * (pValues[index] ?? 1));
    adjusted[index] = Math.min(1, largest);
  }
  return adjusted;
}
