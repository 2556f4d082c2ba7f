import {
  expectedImpostorSimilarity,
  type FaceAppearance,
} from '../../faces/quality/expected-impostor-similarity.js';
import { uniformGenerator } from '../../random/seeded-random.js';
import type { DatasetImage, DatasetPair } from '../benchmark-dataset.js';
import type { MeasuredImage } from '../measured-image.js';
import type { CalibrationPairs } from './model-calibration.js';
import type { PairSimilarities } from './threshold-bands.js';

/** A face to calibrate by. */
export interface CalibrationFace {
  /** Unit length. */
  readonly embedding: Float32Array;
  readonly appearance: FaceAppearance;
}

/** Pairs of faces by their indices, one after the other: [2 * pairs]. */
type FacePairs = Uint32Array;

/** So many pairs of strangers tell a threshold of 1e-5 from 30 false matches. */
const mostImpostorPairs = 3_000_000;
const seed = 1;

/**
 * The pairs of a data set that a model is calibrated by: the protocol's genuine pairs, and of its images' faces all impostor pairs, or three
 * million of them drawn; the protocol's own where the data set does not say whom each image shows. Images without a face are passed over.
 * @returns undefined where it is not known how the faces look
 */
export function calibrationPairs(
  images: readonly DatasetImage[],
  pairs: readonly DatasetPair[],
  measured: readonly (MeasuredImage | undefined)[],
): CalibrationPairs | undefined {
  const faces = measured.map((image) => image && faceOf(image));
  if (measured.some((image, index) => image !== undefined && faces[index] === undefined)) return undefined;
  const ofKind = (wanted: boolean): FacePairs =>
    Uint32Array.from(
      pairs
        .filter(({ first, second, genuine }) => genuine === wanted && faces[first] && faces[second])
        .flatMap(({ first, second }) => [first, second]),
    );
  const identities = identitiesOf(images);
  const found = faces.flatMap((face, index) => (face === undefined ? [] : [index]));
  return {
    genuine: similaritiesOf(faces, ofKind(true)),
    impostor: similaritiesOf(
      faces,
      identities === undefined ? ofKind(false) : impostorPairs(found, identities, mostImpostorPairs, seed),
    ),
  };
}

function faceOf({ embedding, appearance }: MeasuredImage): CalibrationFace | undefined {
  return appearance && { embedding, appearance };
}

function identitiesOf(images: readonly DatasetImage[]): readonly string[] | undefined {
  const identities = images.flatMap(({ identity }) => identity ?? []);
  return identities.length === images.length ? identities : undefined;
}

/**
 * Pairs of different identities: all there are, or where these are too many, so many drawn with replacement.
 * @param faces indices into `identities`
 */
export function impostorPairs(
  faces: readonly number[],
  identities: readonly string[],
  most: number,
  seedOfDraws: number,
): FacePairs {
  const count = impostorPairCount(faces, identities);
  if (count <= most) return everyImpostorPair(faces, identities, count);
  const uniform = uniformGenerator(seedOfDraws);
  const draw = (): number => faces[Math.floor(uniform() * faces.length)] ?? 0;
  const pairs = new Uint32Array(2 * most);
  for (let place = 0; place < pairs.length;) {
    const [a, b] = [draw(), draw()];
    if (identities[a] === identities[b]) continue;
    pairs[place++] = a;
    pairs[place++] = b;
  }
  return pairs;
}

/** How many pairs of different identities there are. @param faces indices into `identities` */
export function impostorPairCount(faces: readonly number[], identities: readonly string[]): number {
  const sizes = new Map<string, number>();
  for (const face of faces) sizes.set(identities[face] ?? '', (sizes.get(identities[face] ?? '') ?? 0) + 1);
  const pairsOf = (count: number): number => (count * (count - 1)) / 2;
  return [...sizes.values()].reduce((rest, size) => rest - pairsOf(size), pairsOf(faces.length));
}

function everyImpostorPair(
  faces: readonly number[],
  identities: readonly string[],
  count: number,
): FacePairs {
  const pairs = new Uint32Array(2 * count);
  let place = 0;
  for (const [index, a] of faces.entries()) {
    for (const b of faces.slice(index + 1)) {
      if (identities[a] === identities[b]) continue;
      pairs[place++] = a;
      pairs[place++] = b;
    }
  }
  return pairs;
}

/** @throws RangeError where a pair has a face that was not found */
export function similaritiesOf(
  faces: readonly (CalibrationFace | undefined)[],
  pairs: FacePairs,
): PairSimilarities {
  const similarities = new Float32Array(pairs.length / 2);
  const expected = new Float32Array(pairs.length / 2);
  for (let pair = 0; pair < similarities.length; pair++) {
    const [a, b] = [faces[pairs[2 * pair] ?? 0], faces[pairs[2 * pair + 1] ?? 0]];
    if (a === undefined || b === undefined) throw new RangeError('a pair without a face has no similarity');
    similarities[pair] = dotProduct(a.embedding, b.embedding);
    expected[pair] = expectedImpostorSimilarity(a.appearance, b.appearance);
  }
  return { similarities, expected };
}

/** Of unit vectors their cosine, in a loop for millions of pairs. */
function dotProduct(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let index = 0; index < a.length; index++) dot += (a[index] ?? 0) * (b[index] ?? 0);
  return dot;
}
