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
 * operating point: a bootstrap asks for it hundreds of thousands of times.
 * @param rates the largest first
 * @returns a function of one weight a pair; undefined where no genuine or no impostor pair has a weight
 */
export function weightedFigures(
  { pairs: { similarities, genuine }, order }: RankedPairs,
  rates: readonly number[],
): (weights: Float64Array) => WeightedFigures | undefined {
  const isGenuine = Uint8Array.from(order, (pair) => Number(genuine[pair]));
  // Pairs of equal similarity are accepted together.
  const isThreshold = Uint8Array.from(order, (pair, rank) =>
    Number(similarities[pair] !== similarities[order[rank + 1] ?? -1]),
  );
  return (weights) => {
    const all = totals(isGenuine, order, weights);
    if (all.genuine === 0 || all.impostor === 0) return undefined;
    const limits = rates.map((rate) => rate * all.impostor * (1 + 1e-12));
    const accepted: number[] = [];
    let before: Accepted = { genuine: 0, impostor: 0 };
    let matches = 0;
    let falseMatches = 0;
    let [area, error, left] = [0, Number.NaN, rates.length];
    for (let rank = 0; rank < order.length; rank++) {
      const weight = weights[order[rank] ?? 0] ?? 0;
      if (isGenuine[rank] === 1) matches += weight;
      else falseMatches += weight;
      if (isThreshold[rank] === 0) continue;
      area += (falseMatches - before.impostor) * (matches + before.genuine);
      while (left > 0 && falseMatches > (limits[left - 1] ?? 0)) accepted[--left] = before.genuine;
      const after = { genuine: matches, impostor: falseMatches };
      if (Number.isNaN(error) && falseMatches / all.impostor >= 1 - matches / all.genuine)
        error = crossing(all, before, after);
      before = after;
    }
    return {
      equalErrorRate: error,
      areaUnderCurve: area / (2 * all.genuine * all.impostor),
      trueAcceptRates: rates.map((_, index) => (accepted[index] ?? matches) / all.genuine),
    };
  };
}

function totals(isGenuine: Uint8Array, order: Int32Array, weights: Float64Array): Accepted {
  let [genuine, impostor] = [0, 0];
  for (let rank = 0; rank < order.length; rank++) {
    const weight = weights[order[rank] ?? 0] ?? 0;
    if (isGenuine[rank] === 1) genuine += weight;
    else impostor += weight;
  }
  return { genuine, impostor };
}

/** The rate at which false matches and false non-matches are equal, between two thresholds on both sides of it. */
function crossing(all: Accepted, before: Accepted, after: Accepted): number {
  const [rateBefore, rate] = [before.impostor / all.impostor, after.impostor / all.impostor];
  const [missesBefore, misses] = [1 - before.genuine / all.genuine, 1 - after.genuine / all.genuine];
  const closing = rate - rateBefore + (missesBefore - misses);
  const part = closing === 0 ? 0 : (missesBefore - rateBefore) / closing;
  return rateBefore + part * (rate - rateBefore);
}
