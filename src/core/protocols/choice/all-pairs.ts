import { dotProduct, l2Normalise } from '../../verification/similarity.js';
import { type RankedPairs, rankPairs } from '../metrics/operating-points.js';

/** Every pair of faces, in the order of similarity, with the persons that it is of. */
export interface RankedFacePairs {
  readonly ranked: RankedPairs;
  /** Impostor pairs, most similar first. */
  readonly impostor: PersonPairs;
  /** Genuine pairs, most similar first. */
  readonly genuine: PersonPairs;
}

/** Similarities of pairs and the persons of each, by their numbers; the same one twice of a genuine pair. */
export interface PersonPairs {
  readonly similarities: Float64Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/**
 * Scores every pair of the faces.
 * @param embeddings [N] of [D], of any length but 0
 * @param persons [N] whom each face shows, numbered from 0
 * @throws RangeError where an embedding has no direction or the lengths differ
 */
export function rankAllPairs(embeddings: readonly Float32Array[], persons: Int32Array): RankedFacePairs {
  if (embeddings.length !== persons.length) throw new RangeError('one person an embedding');
  const units = embeddings.map(l2Normalise);
  const count = (units.length * (units.length - 1)) / 2;
  const similarities = new Float64Array(count);
  const genuine = new Array<boolean>(count);
  const [first, second] = [new Int32Array(count), new Int32Array(count)];
  let pair = 0;
  for (const [b, other] of units.entries()) {
    for (let a = 0; a < b; a++, pair++) {
      similarities[pair] = dotProduct(units[a] ?? other, other);
      genuine[pair] = persons[a] === persons[b];
      first[pair] = persons[a] ?? 0;
      second[pair] = persons[b] ?? 0;
    }
  }
  const ranked = rankPairs({ similarities, genuine });
  const ofKind = (kind: boolean): PersonPairs => {
    const order = ranked.order.filter((index) => genuine[index] === kind);
    return {
      similarities: Float64Array.from(order, (index) => similarities[index] ?? 0),
      first: order.map((index) => first[index] ?? 0),
      second: order.map((index) => second[index] ?? 0),
    };
  };
  return { ranked, impostor: ofKind(false), genuine: ofKind(true) };
}

/** A bootstrap sample of the persons, with the weights that all pairs of their faces have in it. */
export interface PersonSample {
  /** [persons] How often each was drawn: the weight of its genuine pairs; of an impostor pair it is the product. */
  readonly drawn: Float64Array;
  readonly genuineWeight: number;
  readonly impostorWeight: number;
}

/** @param faceCounts [persons] how many faces each has */
export function weighedSample(drawn: Float64Array, faceCounts: Int32Array): PersonSample {
  let [genuineWeight, faces, samePerson] = [0, 0, 0];
  for (const [person, weight] of drawn.entries()) {
    const count = faceCounts[person] ?? 0;
    genuineWeight += (weight * count * (count - 1)) / 2;
    faces += weight * count;
    samePerson += (weight * count) ** 2;
  }
  return { drawn, genuineWeight, impostorWeight: (faces ** 2 - samePerson) / 2 };
}

/**
 * The true accept rate at a false match rate in a bootstrap sample. The same as `pointAtFalseMatchRate` of all operating
 * points weighted by `identityBootstrap`, without making them: of the impostor pairs it looks at the accepted ones only.
 * @returns undefined where the sample has no pair of a kind
 */
export function trueAcceptRateIn(
  { impostor, genuine }: Pick<RankedFacePairs, 'impostor' | 'genuine'>,
  { drawn, impostorWeight, genuineWeight }: PersonSample,
  falseMatchRate: number,
): number | undefined {
  if (impostorWeight === 0 || genuineWeight === 0) return undefined;
  const limit = falseMatchRate * impostorWeight * (1 + 1e-12);
  let falseMatches = 0;
  let refused = Number.NEGATIVE_INFINITY;
  for (const [pair, similarity] of impostor.similarities.entries()) {
    falseMatches += (drawn[impostor.first[pair] ?? 0] ?? 0) * (drawn[impostor.second[pair] ?? 0] ?? 0);
    if (falseMatches <= limit) continue;
    refused = similarity;
    break;
  }
  let matches = 0;
  for (const [pair, similarity] of genuine.similarities.entries()) {
    if (similarity <= refused) break;
    matches += drawn[genuine.first[pair] ?? 0] ?? 0;
  }
  return matches / genuineWeight;
}

/**
 * The equal error rate in a bootstrap sample; the same as `equalErrorRate` of all operating points weighted by
 * `identityBootstrap`, from the most similar pair on as far as it is needed.
 * @returns undefined where the sample has no pair of a kind
 */
export function equalErrorRateIn(
  { impostor, genuine }: Pick<RankedFacePairs, 'impostor' | 'genuine'>,
  { drawn, impostorWeight, genuineWeight }: PersonSample,
): number | undefined {
  if (impostorWeight === 0 || genuineWeight === 0) return undefined;
  let [falseMatches, matches, a, b] = [0, 0, 0, 0];
  let before = { falseMatchRate: 0, misses: 1 };
  for (;;) {
    // Pairs of equal similarity are accepted together.
    const similarity = Math.max(
      impostor.similarities[a] ?? Number.NEGATIVE_INFINITY,
      genuine.similarities[b] ?? Number.NEGATIVE_INFINITY,
    );
    for (; impostor.similarities[a] === similarity; a++)
      falseMatches += (drawn[impostor.first[a] ?? 0] ?? 0) * (drawn[impostor.second[a] ?? 0] ?? 0);
    for (; genuine.similarities[b] === similarity; b++) matches += drawn[genuine.first[b] ?? 0] ?? 0;
    const isLast = a >= impostor.similarities.length && b >= genuine.similarities.length;
    const point = { falseMatchRate: falseMatches / impostorWeight, misses: 1 - matches / genuineWeight };
    if (isLast || point.falseMatchRate >= point.misses) return crossing(before, point);
    before = point;
  }
}

interface ErrorRates {
  readonly falseMatchRate: number;
  readonly misses: number;
}

/** Where both rates are the same, on the line between two points. */
function crossing(before: ErrorRates, after: ErrorRates): number {
  const closing = after.falseMatchRate - before.falseMatchRate + (before.misses - after.misses);
  const part = closing === 0 ? 0 : (before.misses - before.falseMatchRate) / closing;
  return before.falseMatchRate + part * (after.falseMatchRate - before.falseMatchRate);
}
