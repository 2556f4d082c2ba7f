/** Pairs of faces, each with its similarity and with how alike strangers who look so are to be expected. */
export interface PairSimilarities {
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

/** How many impostor pairs a threshold of the rate takes: 30,000 for 1e-3. */
export function leastImpostorPairs(falseMatchRate: number): number {
  return Math.ceil((leastFalseMatches / falseMatchRate) * (1 - 1e-9));
}

/** Whether so many impostor pairs support a threshold of the rate. */
export function supportsRate(impostorPairCount: number, falseMatchRate: number): boolean {
  return impostorPairCount >= leastImpostorPairs(falseMatchRate);
}

/**
 * Thresholds of a false match rate by how alike strangers are to be expected: as many bands as have 30 false matches each. Pairs harder
 * than the hardest of these belong to no band: nothing is known of them.
 * @param pairs of strangers
 * @returns bands by rising `upTo`, their thresholds never falling; none where the pairs do not support the rate
 */
export function thresholdBands(
  { similarities, expected }: PairSimilarities,
  falseMatchRate: number,
): readonly ThresholdBand[] {
  const count = similarities.length;
  if (!supportsRate(count, falseMatchRate)) return [];
  const order = Uint32Array.from({ length: count }, (_, pair) => pair).sort(
    (a, b) => (expected[a] ?? 0) - (expected[b] ?? 0),
  );
  const least = leastImpostorPairs(falseMatchRate);
  const bands: ThresholdBand[] = [];
  for (const [start, end] of cuts(count, least)) {
    const pairs = order.subarray(start, end);
    bands.push({
      upTo: expected[pairs.at(-1) ?? 0] ?? 0,
      similarityThreshold: thresholdAccepting(
        falseMatchRate,
        Float32Array.from(pairs, (pair) => similarities[pair] ?? 0),
      ),
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

/**
 * The least similarity that at most the share of the pairs reaches: in the middle between the last that is accepted and the next lower one.
 * @param similarities of one pair or more
 */
export function thresholdAccepting(share: number, similarities: Float32Array): number {
  const sorted = Float32Array.from(similarities).sort();
  let first = sorted.length - Math.floor(share * sorted.length + 1e-9);
  // Pairs of one similarity are accepted together or not at all.
  while (first < sorted.length && sorted[first] === sorted[first - 1]) first++;
  const below = sorted[first - 1] ?? -1;
  return ((sorted[first] ?? 1) + below) / 2;
}

/**
 * Pools neighbours whose thresholds fall, weighted by their pairs (pool adjacent violators): harder pairs never need less. Those that end at
 * one expectation are one band too.
 */
function withoutFalls(bands: readonly ThresholdBand[]): readonly ThresholdBand[] {
  const pooled: ThresholdBand[] = [];
  for (const band of bands) {
    let last = band;
    for (let before = pooled.at(-1); before !== undefined; before = pooled.at(-1)) {
      if (before.similarityThreshold <= last.similarityThreshold && before.upTo < last.upTo) break;
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
 * The bands of a stricter rate as far as they ask at least what those of a looser one ask. Where its own pairs are too few to follow how
 * thresholds rise, one band would ask less of hard pairs than the looser rate does: from there on nothing is known of the stricter one.
 */
export function asFarAsStricter(
  bands: readonly ThresholdBand[],
  looser: readonly ThresholdBand[],
): readonly ThresholdBand[] {
  const kept: ThresholdBand[] = [];
  for (const band of bands) {
    const from = kept.at(-1)?.upTo ?? -Infinity;
    const within = looser.filter(
      ({ upTo }, index) => upTo > from && (looser[index - 1]?.upTo ?? -Infinity) < band.upTo,
    );
    const below = within.findIndex(
      ({ similarityThreshold }) => similarityThreshold > band.similarityThreshold,
    );
    if (below === 0) break;
    const end = within[below - 1]?.upTo ?? band.upTo;
    kept.push({ ...band, upTo: Math.min(end, band.upTo) });
    if (below > 0) break;
  }
  return kept;
}

/**
 * The band of a pair. @returns undefined where it is harder than all that the thresholds were measured on
 */
export function bandOf(
  bands: readonly ThresholdBand[],
  expectedImpostorSimilarity: number,
): ThresholdBand | undefined {
  // The bounds were rounded to 32 bits: the hardest pair itself is in the last band.
  const rounded = Math.fround(expectedImpostorSimilarity);
  return bands.find(({ upTo }) => rounded <= upTo);
}
