import type { DatasetImage } from './benchmark-dataset.js';
import type { ScoredProtocol } from './scored-protocol.js';

/** An image as it was when it was measured. */
export interface WorstPairImage {
  readonly index: number;
  readonly name: string;
  /** Hex, of its bytes. */
  readonly sha256: string;
}

export interface WorstPair {
  readonly similarity: number;
  readonly first: WorstPairImage;
  readonly second: WorstPairImage;
}

/** The pairs on which a model errs most. */
export interface WorstPairs {
  /** Impostor pairs, the most similar first. */
  readonly falseMatches: readonly WorstPair[];
  /** Genuine pairs, the least similar first. */
  readonly falseNonMatches: readonly WorstPair[];
}

const shownPairs = 8;

/**
 * Finds the worst pairs among those whose faces were both found.
 * @param digests SHA-256 of each image's bytes
 */
export function worstPairs(
  protocol: ScoredProtocol,
  images: readonly DatasetImage[],
  digests: readonly Uint8Array[],
): WorstPairs {
  const found = [...protocol.pairs.keys()].filter((pair) => protocol.found[pair]);
  const imageOf = (index: number): WorstPairImage => ({
    index,
    name: images[index]?.name ?? '',
    sha256: hex(digests[index] ?? new Uint8Array()),
  });
  const worst = (genuine: boolean, sign: number): readonly WorstPair[] =>
    found
      .filter((pair) => protocol.genuine[pair] === genuine)
      .map((pair) => ({ pair, similarity: protocol.similarities[pair] ?? Number.NaN }))
      .sort((a, b) => sign * (a.similarity - b.similarity) || a.pair - b.pair)
      .slice(0, shownPairs)
      .map(({ pair, similarity }) => ({
        similarity,
        first: imageOf(protocol.pairs[pair]?.first ?? -1),
        second: imageOf(protocol.pairs[pair]?.second ?? -1),
      }));
  return { falseMatches: worst(false, -1), falseNonMatches: worst(true, 1) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
