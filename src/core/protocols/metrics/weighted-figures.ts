import type { RankedPairs } from './operating-points.js';

/** Figures of a threshold that can be told of weighted pairs in one walk along their order. */
export interface WeightedFigures {
  readonly equalErrorRate: number;
  readonly areaUnderCurve: number;
  /** One for each rate that was asked for. */
  readonly trueAcceptRates: readonly number[];
}

/** Weights of the pairs that a threshold accepts. */
interface Accepted {
  readonly genuine: number;
  readonly impostor: number;
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
  const all = totals(genuine, weights);
  if (all.genuine === 0 || all.impostor === 0) return undefined;
  const limits = rates.map((rate) => rate * all.impostor * (1 + 1e-12));
  const accepted = rates.map(() => 0);
  let [matches, falseMatches, area, error] = [0, 0, 0, Number.NaN];
  for (let rank = 0; rank < order.length;) {
    const [matchesBefore, falseBefore] = [matches, falseMatches];
    const similarity = similarities[order[rank] ?? 0];
    for (; rank < order.length && similarities[order[rank] ?? 0] === similarity; rank++) {
      const pair = order[rank] ?? 0;
      if (genuine[pair] === true) matches += weights[pair] ?? 0;
      else falseMatches += weights[pair] ?? 0;
    }
    area += (falseMatches - falseBefore) * (matches + matchesBefore);
    for (let index = 0; index < limits.length; index++)
      if (falseMatches <= (limits[index] ?? 0)) accepted[index] = matches;
    if (Number.isNaN(error) && falseMatches / all.impostor >= 1 - matches / all.genuine)
      error = crossing(
        all,
        { genuine: matchesBefore, impostor: falseBefore },
        { genuine: matches, impostor: falseMatches },
      );
  }
  return {
    equalErrorRate: error,
    areaUnderCurve: area / (2 * all.genuine * all.impostor),
    trueAcceptRates: accepted.map((weight) => weight / all.genuine),
  };
}

function totals(genuine: readonly boolean[], weights: Float64Array): Accepted {
  const all = { genuine: 0, impostor: 0 };
  for (let pair = 0; pair < weights.length; pair++)
    all[genuine[pair] === true ? 'genuine' : 'impostor'] += weights[pair] ?? 0;
  return all;
}

/** The rate at which false matches and false non-matches are equal, between two thresholds on both sides of it. */
function crossing(all: Accepted, before: Accepted, after: Accepted): number {
  const [rateBefore, rate] = [before.impostor / all.impostor, after.impostor / all.impostor];
  const [missesBefore, misses] = [1 - before.genuine / all.genuine, 1 - after.genuine / all.genuine];
  const closing = rate - rateBefore + (missesBefore - misses);
  const part = closing === 0 ? 0 : (missesBefore - rateBefore) / closing;
  return rateBefore + part * (rate - rateBefore);
}
