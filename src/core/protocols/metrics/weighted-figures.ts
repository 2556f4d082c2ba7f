import type { RankedPairs } from './operating-points.js';

/** Figures of a threshold that can be told of weighted pairs in one walk along their order. */
export interface WeightedFigures {
  readonly equalErrorRate: number;
  readonly areaUnderCurve: number;
  /** One for each rate that was asked for. */
  readonly trueAcceptRates: readonly number[];
}

/**
 * What `equalErrorRate`, `areaUnderCurve` and `pointAtFalseMatchRate` say of weighted pairs, without an object for each
 * operating point: a bootstrap asks for it tens of thousands of times.
 * @returns undefined where no genuine or no impostor pair has a weight
 */
export function weightedFigures(
  { pairs: { similarities, genuine }, order }: RankedPairs,
  weights: Float64Array,
  rates: readonly number[],
): WeightedFigures | undefined {
  let [allGenuine, allImpostor] = [0, 0];
  for (let pair = 0; pair < weights.length; pair++) {
    const weight = weights[pair] ?? 0;
    if (genuine[pair] === true) allGenuine += weight;
    else allImpostor += weight;
  }
  if (allGenuine === 0 || allImpostor === 0) return undefined;
  // As points of equal rates are the same point, what of equal similarity comes first does not matter.
  const limits = rates.map((rate) => rate * allImpostor * (1 + 1e-12));
  const accepted = rates.map(() => 0);
  let [matches, falseMatches, area, equalError] = [0, 0, 0, Number.NaN];
  for (let rank = 0; rank < order.length;) {
    const [matchesBefore, falseBefore] = [matches, falseMatches];
    const similarity = similarities[order[rank] ?? 0];
    for (; rank < order.length && similarities[order[rank] ?? 0] === similarity; rank++) {
      const pair = order[rank] ?? 0;
      const weight = weights[pair] ?? 0;
      if (genuine[pair] === true) matches += weight;
      else falseMatches += weight;
    }
    area += (falseMatches - falseBefore) * (matches + matchesBefore);
    for (let index = 0; index < limits.length; index++)
      if (falseMatches <= (limits[index] ?? 0)) accepted[index] = matches;
    if (Number.isNaN(equalError)) {
      const [rate, misses] = [falseMatches / allImpostor, 1 - matches / allGenuine];
      if (rate >= misses) {
        const [rateBefore, missesBefore] = [falseBefore / allImpostor, 1 - matchesBefore / allGenuine];
        const closing = rate - rateBefore + (missesBefore - misses);
        const part = closing === 0 ? 0 : (missesBefore - rateBefore) / closing;
        equalError = rateBefore + part * (rate - rateBefore);
      }
    }
  }
  return {
    equalErrorRate: equalError,
    areaUnderCurve: area / (2 * allGenuine * allImpostor),
    trueAcceptRates: accepted.map((count) => count / allGenuine),
  };
}
