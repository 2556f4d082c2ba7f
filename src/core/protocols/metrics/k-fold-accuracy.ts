import type { ScoredPairs } from './scored-pairs.js';

export interface FoldResult {
  /** Squared L2 distance at or under which a pair counts as genuine, chosen on the other folds. */
  readonly distanceThreshold: number;
  /** Share of this fold's pairs decided rightly. */
  readonly accuracy: number;
}

export interface KFoldAccuracy {
  readonly folds: readonly FoldResult[];
  readonly mean: number;
  /** Population standard deviation over the folds, as NumPy's `std` and InsightFace report it. */
  readonly standardDeviation: number;
}

const thresholdStep = 0.01;
const thresholdCount = 400;

/**
 * Accuracy by k-fold cross-validation as InsightFace computes it: contiguous folds; on the other
 * folds the squared L2 distance threshold among 0, 0.01 … 3.99 with the highest accuracy, the first of equals;
 * its accuracy on the fold. A pair is genuine where its distance is under the threshold.
 * @throws RangeError where there are fewer pairs than folds or the arrays differ in length
 */
export function kFoldAccuracy(pairs: ScoredPairs, foldCount = 10): KFoldAccuracy {
  const { similarities, genuine } = pairs;
  if (similarities.length !== genuine.length) throw new RangeError('one similarity and one label a pair');
  if (foldCount < 2 || similarities.length < foldCount)
    throw new RangeError('at least two folds, each with a pair');
  const bounds = foldBounds(similarities.length, foldCount);
  // rightInFold[fold][threshold]: pairs of the fold that this threshold decides rightly.
  const rightInFold = bounds.map(([start, end]) => rightDecisions(pairs, start, end));
  const folds = bounds.map(([start, end], fold) => {
    const chosen = bestThresholdOnOthers(rightInFold, fold);
    const right = rightInFold[fold]?.[chosen] ?? 0;
    return { distanceThreshold: chosen * thresholdStep, accuracy: right / (end - start) };
  });
  const mean = average(folds.map((fold) => fold.accuracy));
  const variance = average(folds.map((fold) => (fold.accuracy - mean) ** 2));
  return { folds, mean, standardDeviation: Math.sqrt(variance) };
}

/** Tells for each pair whether it is decided rightly by the threshold that was chosen without its fold. */
export function kFoldDecisions(pairs: ScoredPairs, foldCount = 10): readonly boolean[] {
  const { folds } = kFoldAccuracy(pairs, foldCount);
  return foldBounds(pairs.similarities.length, foldCount).flatMap(([start, end], fold) => {
    const threshold = folds[fold]?.distanceThreshold ?? Number.NaN;
    return Array.from(pairs.similarities.subarray(start, end), (similarity, index) => {
      return 2 - 2 * similarity < threshold === pairs.genuine[start + index];
    });
  });
}

/**
 * Divides pairs into contiguous folds as scikit-learn's KFold without shuffling: the first `n mod k` folds hold one
 * pair more.
 */
function foldBounds(pairCount: number, foldCount: number): (readonly [number, number])[] {
  const base = Math.floor(pairCount / foldCount);
  const larger = pairCount % foldCount;
  const startOf = (fold: number): number => fold * base + Math.min(fold, larger);
  return Array.from({ length: foldCount }, (_, fold) => [startOf(fold), startOf(fold + 1)] as const);
}

function rightDecisions(pairs: ScoredPairs, start: number, end: number): Int32Array {
  const right = new Int32Array(thresholdCount);
  for (let pair = start; pair < end; pair++) {
    // d² = 2 - 2 cos for unit vectors.
    const squaredDistance = 2 - 2 * (pairs.similarities[pair] ?? Number.NaN);
    for (let index = 0; index < thresholdCount; index++) {
      const decidedGenuine = squaredDistance < index * thresholdStep;
      if (decidedGenuine === pairs.genuine[pair]) right[index] = (right[index] ?? 0) + 1;
    }
  }
  return right;
}

function bestThresholdOnOthers(rightInFold: readonly Int32Array[], heldOut: number): number {
  let best = 0;
  let bestRight = -1;
  for (let index = 0; index < thresholdCount; index++) {
    let right = 0;
    for (const [fold, counts] of rightInFold.entries()) if (fold !== heldOut) right += counts[index] ?? 0;
    if (right > bestRight) {
      bestRight = right;
      best = index;
    }
  }
  return best;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
