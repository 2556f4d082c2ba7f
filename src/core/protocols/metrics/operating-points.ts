import type { ScoredPairs } from './scored-pairs.js';

/** Pairs in order of similarity, so that every measure of a threshold is one walk along them. */
export interface RankedPairs {
  readonly pairs: ScoredPairs;
  /** Indices of the pairs, most similar first. */
  readonly order: Int32Array;
}

/** What a threshold does: pairs of at least its similarity are accepted. */
export interface OperatingPoint {
  /** The least similarity that is accepted; undefined where nothing is. */
  readonly similarityThreshold: number | undefined;
  /** Accepted impostor pairs by all impostor pairs (FMR; FAR in the literature on LFW). */
  readonly falseMatchRate: number;
  /** Accepted genuine pairs by all genuine pairs (TAR, 1 - FNMR). */
  readonly trueAcceptRate: number;
}

/** One weight a pair; 1 for each where undefined. */
export type PairWeights = Float64Array | undefined;

export function rankPairs(pairs: ScoredPairs): RankedPairs {
  const { similarities, genuine } = pairs;
  if (similarities.length !== genuine.length) throw new RangeError('one similarity and one label a pair');
  const order = Int32Array.from(similarities, (_, index) => index);
  order.sort((a, b) => (similarities[b] ?? 0) - (similarities[a] ?? 0));
  return { pairs, order };
}

/**
 * All operating points, from the one that accepts nothing to the one that accepts all; pairs of equal similarity are
 * accepted together. Rates are weighted.
 * @throws RangeError where there is no genuine or no impostor pair (of positive weight)
 */
export function operatingPoints(
  { pairs, order }: RankedPairs,
  weights?: PairWeights,
): readonly OperatingPoint[] {
  const { similarities, genuine } = pairs;
  const totals = totalWeights(pairs, weights);
  const points: OperatingPoint[] = [{ similarityThreshold: undefined, falseMatchRate: 0, trueAcceptRate: 0 }];
  let matches = 0;
  let falseMatches = 0;
  for (const [rank, pair] of order.entries()) {
    const weight = weights?.[pair] ?? 1;
    if (genuine[pair]) matches += weight;
    else falseMatches += weight;
    const similarity = similarities[pair] ?? Number.NaN;
    if (similarities[order[rank + 1] ?? -1] === similarity) continue;
    points.push({
      similarityThreshold: similarity,
      falseMatchRate: falseMatches / totals.impostor,
      trueAcceptRate: matches / totals.genuine,
    });
  }
  return points;
}

/** The point that accepts most among those whose false match rate is not above the given one (TAR at FAR). */
export function pointAtFalseMatchRate(
  points: readonly OperatingPoint[],
  falseMatchRate: number,
): OperatingPoint {
  // Counts are whole; a rate of 3 in 3,000 must not fail to be 1e-3 for its last bit.
  const limit = falseMatchRate * (1 + 1e-12);
  let [best] = points;
  for (const point of points) {
    if (point.falseMatchRate > limit) break;
    best = point;
  }
  if (best === undefined) throw new RangeError('there is no operating point');
  return best;
}

/** The rate at which false matches and false non-matches are equally frequent, interpolated between points (EER). */
export function equalErrorRate(points: readonly OperatingPoint[]): number {
  for (const [index, point] of points.entries()) {
    const misses = 1 - point.trueAcceptRate;
    if (point.falseMatchRate < misses) continue;
    const before = points[index - 1];
    if (before === undefined) return point.falseMatchRate;
    const missesBefore = 1 - before.trueAcceptRate;
    const closing = point.falseMatchRate - before.falseMatchRate + (missesBefore - misses);
    const part = closing === 0 ? 0 : (missesBefore - before.falseMatchRate) / closing;
    return before.falseMatchRate + part * (point.falseMatchRate - before.falseMatchRate);
  }
  throw new RangeError('the operating points do not reach the one that accepts all');
}

/** Area under the ROC curve: the chance that a genuine pair is more similar than an impostor pair, ties counted half. */
export function areaUnderCurve(points: readonly OperatingPoint[]): number {
  let area = 0;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined) continue;
    const width = point.falseMatchRate - before.falseMatchRate;
    area += (width * (point.trueAcceptRate + before.trueAcceptRate)) / 2;
  }
  return area;
}

/** The usual rates of tables, those that so many impostor pairs can tell: at least one of them would be a match. */
export function supportedFalseMatchRates(impostorPairs: number): readonly number[] {
  return [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6].filter((rate) => impostorPairs * rate >= 1 - 1e-9);
}

function totalWeights(
  { genuine }: ScoredPairs,
  weights: PairWeights,
): { readonly genuine: number; readonly impostor: number } {
  const totals = { genuine: 0, impostor: 0 };
  for (const [pair, isGenuine] of genuine.entries()) {
    totals[isGenuine ? 'genuine' : 'impostor'] += weights?.[pair] ?? 1;
  }
  if (totals.genuine > 0 && totals.impostor > 0) return totals;
  throw new RangeError('rates need at least one genuine and one impostor pair');
}
