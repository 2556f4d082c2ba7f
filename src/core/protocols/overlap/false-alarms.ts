/**
 * The threshold above which at most a share of identities resemble another one of their own set. An identity resembles
 * someone where its nearest similarity is above the threshold, not where it equals it.
 *
 * @param nearest [n] of each identity, how similar the most similar other one is
 * @param rate    0 to 1, both excluded
 * @throws RangeError where fewer than 1 / rate identities are there, of which the rate cannot be told
 */
export function thresholdAtFalseAlarmRate(nearest: Float64Array, rate: number): number {
  return nearest.toSorted().at(-1 - falseAlarmsAllowed(nearest.length, rate)) ?? -Infinity;
}

/**
 * How many of so many identities a rate lets resemble another one.
 * @throws RangeError where that is none, so that the rate cannot be told
 */
export function falseAlarmsAllowed(identityCount: number, rate: number): number {
  // 0.29 · 100 is a little below 29.
  const allowed = Math.floor(identityCount * rate + 1e-9);
  if (allowed >= 1) return allowed;
  const needed = Math.ceil(1 / rate - 1e-9);
  throw new RangeError(`a rate of ${rate} needs ${needed} identities or more, not ${identityCount}`);
}

/** @returns 0 to 1; undefined of nothing */
export function shareAbove(similarities: Float64Array, threshold: number): number | undefined {
  if (similarities.length === 0) return undefined;
  return similarities.filter((similarity) => similarity > threshold).length / similarities.length;
}
