import { dotProduct } from '../../verification/similarity.js';
import type { PairIdentities } from './identity-bootstrap.js';
import { areaUnderCurve, operatingPoints, type PairWeights, rankPairs } from './operating-points.js';
import type { ScoredPairs } from './scored-pairs.js';

/** The unit embeddings of a symmetric face's halves. */
export interface EmbeddedHalves {
  readonly left: Float32Array;
  readonly right: Float32Array;
  /** Whom the face shows; undefined where the data set does not say. */
  readonly identity: string | undefined;
}

/** Left halves with right halves: of the same face (genuine) and of other persons (impostor). */
export interface HalfPairs extends ScoredPairs {
  readonly identities: readonly PairIdentities[];
}

/** How alike a network finds the two halves of a face, and how much more alike than halves of different persons. */
export interface HalfSymmetry {
  readonly faceCount: number;
  /** The mean squared distance of a face's halves: what L_ρ (Eq. 10) is about. A constant embedding makes it 0. */
  readonly distance: number;
  /**
   * That over the mean squared distance of different persons' halves: 0 where halves of a face are one and persons are apart,
   * 1 where they are as far apart as persons are, and so for an embedding that is a constant. Undefined without identities.
   */
  readonly ratio: number | undefined;
  /** Half to half: the chance that a left half is more like the right half of its face than like another person's; 1/2 for a constant. */
  readonly areaUnderCurve: number | undefined;
  /** The pairs that the last two are of. */
  readonly pairs: HalfPairs | undefined;
}

/** What a report says of halves of persons who are known. */
export interface HalfFigures {
  /** Symmetric faces whose halves were embedded. */
  readonly faceCount: number;
  /** {@link HalfSymmetry.ratio} */
  readonly distanceRatio: number;
  readonly areaUnderCurve: number;
}

/** How many right halves of others a left half is compared with, at most: evenly spaced among the faces. */
const othersPerHalf = 10;
/** A squared distance that single precision does not tell from none. */
const nothing = 1e-6;

/** @returns undefined where there is no face */
export function halfSymmetry(faces: readonly EmbeddedHalves[]): HalfSymmetry | undefined {
  if (faces.length === 0) return undefined;
  const distance =
    faces.reduce((sum, { left, right }) => sum + squaredDistance(left, right), 0) / faces.length;
  const faceCount = faces.length;
  const pairs = halfPairs(faces);
  if (pairs === undefined) return { faceCount, distance, ratio: undefined, areaUnderCurve: undefined, pairs };
  const area = areaUnderCurve(operatingPoints(rankPairs(pairs)));
  return { faceCount, distance, ratio: distanceRatio(pairs), areaUnderCurve: area, pairs };
}

/** @returns undefined where there are no halves of two persons who are known */
export function halfFigures(faces: readonly EmbeddedHalves[]): HalfFigures | undefined {
  const known = faces.filter(({ identity }) => identity !== undefined);
  const { ratio, areaUnderCurve: area } = halfSymmetry(known) ?? {};
  if (ratio === undefined || area === undefined) return undefined;
  return { faceCount: known.length, distanceRatio: ratio, areaUnderCurve: area };
}

/**
 * The mean squared distance of genuine pairs over that of impostor pairs, 2 - 2 cos each.
 * @param weights one a pair; 1 for each where undefined
 * @returns 1, no better than chance, where impostors are not apart at all
 */
export function distanceRatio({ similarities, genuine }: ScoredPairs, weights?: PairWeights): number {
  const sums = { genuine: { distance: 0, weight: 0 }, impostor: { distance: 0, weight: 0 } };
  for (const [pair, similarity] of similarities.entries()) {
    const of = sums[genuine[pair] === true ? 'genuine' : 'impostor'];
    const weight = weights?.[pair] ?? 1;
    of.distance += weight * (2 - 2 * similarity);
    of.weight += weight;
  }
  const own = sums.genuine.distance / sums.genuine.weight;
  const other = sums.impostor.distance / sums.impostor.weight;
  return other > nothing ? own / other : 1;
}

/** Undefined where identities are not known, or there are no two. */
function halfPairs(faces: readonly EmbeddedHalves[]): HalfPairs | undefined {
  const pairs = faces.flatMap(({ left, right, identity }, index) => {
    const others = othersOf(index, faces.length).flatMap((at) => faces[at] ?? []);
    return [
      { identities: [identity, identity], similarity: cosineOfUnits(left, right), isGenuine: true },
      ...others
        .filter((other) => other.identity !== identity)
        .map((other) => ({
          identities: [identity, other.identity],
          similarity: cosineOfUnits(left, other.right),
          isGenuine: false,
        })),
    ];
  });
  if (faces.some(({ identity }) => identity === undefined) || pairs.length === faces.length) return undefined;
  return {
    similarities: Float64Array.from(pairs, ({ similarity }) => similarity),
    genuine: pairs.map(({ isGenuine }) => isGenuine),
    identities: pairs.map(({ identities: [first = '', second = ''] }): PairIdentities => [first, second]),
  };
}

/** Indices of other faces: all, or so many evenly spaced ones. */
function othersOf(face: number, count: number): readonly number[] {
  const wanted = Math.min(othersPerHalf, count - 1);
  return Array.from({ length: wanted }, (_, index) => {
    const offset = 1 + Math.floor((index * (count - 1)) / wanted);
    return (face + offset) % count;
  });
}

/** Rounding is held to [-1, 1]. */
function cosineOfUnits(a: Float32Array, b: Float32Array): number {
  return Math.min(Math.max(dotProduct(a, b), -1), 1);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  return sum;
}
