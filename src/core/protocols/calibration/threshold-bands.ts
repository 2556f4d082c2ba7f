/** Pairs of strangers, each with its similarity and with what was to be expected of it. */
export interface ImpostorPairs {
  /** Cosine similarities, in any order. */
  readonly similarities: Float32Array;
  /** `expectedImpostorSimilarity` of each pair, in the same order. */
  readonly expected: Float32Array;
}

/** Pairs that are about equally hard to tell apart, and the threshold that holds for them. */
export interface ThresholdBand {
  /** The greatest expected impostor similarity of the band; it begins where the band before it ends. */
  readonly upTo: number;
  readonly similarityThreshold: number;
  readonly impostorPairCount: number;
}

/**
 * False matches that must be expected at a rate before a threshold for it is believed: with 30 of them the true rate is
 * within 30 % of the measured one with a confidence of 90 % (the "rule of 30", ISO/IEC 19795-1).
 */
export const leastFalseMatches = 30;

const mostBands = 24;
/** The hardest of the pairs are few, and the thresholds rise fast there: the last bands are cut so many times finer. */
const finerAtTheEnd = 8;

/** Whether so many impostor pairs support a threshold of the rate. */
export function supportsRate(impostorPairCount: number, falseMatchRate: number): boolean {
  return impostorPairCount * falseMatchRate >= leastFalseMatches * (1 - 1e-9);
}

/**
 * Thresholds of a false match rate by how alike strangers are to be expected: as many bands as have 30 false matches each. Pairs harder
 * than the hardest of these belong to no band: nothing is known of them.
 * @returns bands by rising `upTo`, their thresholds never falling; none where the pairs do not support the rate
 */
export function thresholdBands(
  { similarities, expected }: ImpostorPairs,
  falseMatchRate: number,
): readonly ThresholdBand[] {
  const count = similarities.length;
  if (!supportsRate(count, falseMatchRate)) return [];
  const order = Uint32Array.from({ length: count }, (_, pair) => pair).sort(
    (a, b) => (expected[a] ?? 0) - (expected[b] ?? 0),
  );
  const least = Math.ceil((leastFalseMatches / falseMatchRate) * (1 - 1e-9));
  const bands: ThresholdBand[] = [];
  for (const [start, end] of cuts(count, least)) {
    const pairs = order.subarray(start, end);
    bands.push({
      upTo: expected[pairs.at(-1) ?? 0] ?? 0,
      similarityThreshold: quantileAbove(pairs, similarities, falseMatchRate),
      impostorPairCount: pairs.length,
    });
  }
  return withoutFalls(bands);
}

/** Bands of equal numbers of pairs, the last one cut again; each has `least` pairs or more. */
function cuts(count: number, least: number): readonly (readonly [number, number])[] {
  const evenly = (from: number, to: number, most: number): [number, number][] => {
    const parts = Math.max(1, Math.min(most, Math.floor((to - from) / least)));
    return Array.from({ length: parts }, (_, part) => [
      from + Math.floor((part * (to - from)) / parts),
      from + Math.floor(((part + 1) * (to - from)) / parts),
    ]);
  };
  const bands = evenly(0, count, mostBands);
  const last = bands.pop() ?? [0, count];
  return [...bands, ...evenly(last[0], last[1], finerAtTheEnd)];
}

/** The least similarity that at most the share of the pairs reaches: between the last that is accepted and the next lower one. */
function quantileAbove(pairs: Uint32Array, similarities: Float32Array, share: number): number {
  const sorted = Float32Array.from(pairs, (pair) => similarities[pair] ?? 0).sort();
  const accepted = Math.floor(share * sorted.length + 1e-9);
  const lowest = sorted[sorted.length - accepted] ?? 1;
  const next = sorted[sorted.length - accepted - 1] ?? lowest;
  return (lowest + next) / 2;
}

/** Pools neighbours whose thresholds fall, weighted by their pairs (pool adjacent violators): harder pairs never need less. */
function withoutFalls(bands: readonly ThresholdBand[]): readonly ThresholdBand[] {
  const pooled: ThresholdBand[] = [];
  for (const band of bands) {
    let last = band;
    for (let before = pooled.at(-1); before !== undefined; before = pooled.at(-1)) {
      if (before.similarityThreshold <= last.similarityThreshold) break;
      pooled.pop();
      last = pooledBand(before, last);
    }
    pooled.push(last);
  }
  return pooled;
}

function pooledBand(a: ThresholdBand, b: ThresholdBand): ThresholdBand {
  const impostorPairCount = a.impostorPairCount + b.impostorPairCount;
  const sum = a.similarityThreshold * a.impostorPairCount + b.similarityThreshold * b.impostorPairCount;
  return { upTo: b.upTo, similarityThreshold: sum / impostorPairCount, impostorPairCount };
}

/**
 * The band of a pair. @returns undefined where it is harder than all that the thresholds were measured on
 */
export function bandOf(
  bands: readonly ThresholdBand[],
  expectedImpostorSimilarity: number,
): ThresholdBand | undefined {
  return bands.find(({ upTo }) => expectedImpostorSimilarity <= upTo);
}
