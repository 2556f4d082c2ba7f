import type { PairSimilarities } from './threshold-bands.js';

/** How the similarities of pairs that look about equally hard are spread: for people, no decision goes by it. */
export interface SimilarityBand {
  /** The greatest expected impostor similarity of the band; it begins where the band before it ends. */
  readonly upTo: number;
  /** Counts of pairs in equal bins of the cosine similarity from -1 to 1: [{@link similarityBins}]. */
  readonly genuine: readonly number[];
  readonly impostor: readonly number[];
}

export const similarityBins = 100;
/** Fewer pairs of one person draw no curve. */
const leastGenuinePairs = 100;
const mostBands = 8;

/**
 * Counts pairs by similarity, in bands of equal numbers of genuine pairs by how alike strangers who look so are to be expected.
 * @returns bands by rising `upTo`; none where there are fewer than a hundred genuine pairs
 */
export function similarityBands(
  genuine: PairSimilarities,
  impostor: PairSimilarities,
): readonly SimilarityBand[] {
  const sorted = Float32Array.from(genuine.expected).sort();
  const count = Math.min(mostBands, Math.floor(sorted.length / leastGenuinePairs));
  const ends = Array.from({ length: count }, (_, band) => {
    const last = Math.ceil(((band + 1) * sorted.length) / count) - 1;
    return band === count - 1 ? greatest([genuine.expected, impostor.expected]) : (sorted[last] ?? 0);
  });
  const bands = [...new Set(ends)].map((upTo) => ({ upTo, genuine: noCounts(), impostor: noCounts() }));
  for (const kind of ['genuine', 'impostor'] as const) {
    const { similarities, expected } = { genuine, impostor }[kind];
    for (const [pair, similarity] of similarities.entries()) {
      const counts = bands.find(({ upTo }) => (expected[pair] ?? 0) <= upTo)?.[kind];
      const bin = binOf(similarity);
      if (counts !== undefined) counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return bands;
}

function binOf(similarity: number): number {
  const bin = Math.floor(((similarity + 1) / 2) * similarityBins);
  return Math.min(Math.max(bin, 0), similarityBins - 1);
}

function noCounts(): number[] {
  return new Array<number>(similarityBins).fill(0);
}

function greatest(lists: readonly Float32Array[]): number {
  return lists.reduce((most, list) => list.reduce((a, b) => Math.max(a, b), most), -Infinity);
}
