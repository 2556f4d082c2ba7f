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
/** Hard pairs are few, and their similarities rise fast. */
const finerAtTheEnd = 6;

/**
 * Counts pairs by similarity, in bands of equal numbers of genuine pairs by how alike strangers who look so are to be expected.
 * @returns bands by rising `upTo`; none where there are fewer than a hundred genuine pairs
 */
export function similarityBands(
  genuine: PairSimilarities,
  impostor: PairSimilarities,
): readonly SimilarityBand[] {
  const sorted = Float32Array.from(genuine.expected).sort();
  const shares = endsOf(sorted.length);
  const ends = shares.map((share, band) =>
    band === shares.length - 1
      ? greatest([genuine.expected, impostor.expected])
      : (sorted[Math.ceil(share * sorted.length) - 1] ?? 0),
  );
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

/** Where the bands end, as shares of the genuine pairs: even ones, of which the last is cut again. */
function endsOf(genuinePairCount: number): readonly number[] {
  const count = Math.min(mostBands, Math.floor(genuinePairCount / leastGenuinePairs));
  if (count === 0) return [];
  const parts = Math.min(finerAtTheEnd, Math.floor(genuinePairCount / count / leastGenuinePairs));
  const even = Array.from({ length: count - 1 }, (_, band) => (band + 1) / count);
  const last = Array.from({ length: parts }, (_, part) => 1 - (parts - 1 - part) / parts / count);
  return [...even, ...last];
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
