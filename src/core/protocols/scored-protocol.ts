import type { PairIdentities } from './metrics/identity-bootstrap.js';
import { type KFoldAccuracy, kFoldAccuracy, kFoldDecisions } from './metrics/k-fold-accuracy.js';
import type { ScoredPairs } from './metrics/scored-pairs.js';
import { cosineSimilarity } from '../verification/similarity.js';
import type { DatasetImage, DatasetPair } from './benchmark-dataset.js';
import type { FacelessPolicy } from './faceless-policy.js';
import type { MeasuredImage } from './measured-image.js';

/** A verification protocol and what a model says of its pairs. */
export interface ScoredProtocol extends ScoredPairs {
  /** The pairs that count, in the protocol's order. */
  readonly pairs: readonly DatasetPair[];
  /** Tells for each pair that counts whether both faces were found. */
  readonly found: readonly boolean[];
  readonly foldCount: number;
  /** The persons of each pair; they are undefined where the data set does not say who is on each image. */
  readonly identities: readonly PairIdentities[] | undefined;
  /** The number of pairs with an image in which no face was found, also of those that do not count. */
  readonly facelessPairCount: number;
}

/** A face that was not found matches nobody. */
const facelessSimilarity = -1;
/** A protocol without folds has nothing to choose a threshold on: its pairs are dealt out to ten. */
const foldsWithoutProtocol = 10;

/** @param measured one an image; undefined where no face was found in it */
export function scoreProtocol(
  images: readonly DatasetImage[],
  allPairs: readonly DatasetPair[],
  foldCount: number,
  measured: readonly (MeasuredImage | undefined)[],
  facelessPolicy: FacelessPolicy,
): ScoredProtocol {
  const isFound = ({ first, second }: DatasetPair): boolean =>
    measured[first] !== undefined && measured[second] !== undefined;
  const pairs = facelessPolicy === 'excluded' ? allPairs.filter(isFound) : allPairs;
  return {
    pairs,
    found: pairs.map(isFound),
    // Where very few pairs are left, there are no more folds than pairs.
    foldCount: Math.min(foldCount, Math.max(pairs.length, 1)),
    genuine: pairs.map((pair) => pair.genuine),
    similarities: Float64Array.from(pairs, ({ first, second }) => {
      const [a, b] = [measured[first], measured[second]];
      return a === undefined || b === undefined
        ? facelessSimilarity
        : cosineSimilarity(a.embedding, b.embedding);
    }),
    identities: identitiesOf(images, pairs),
    facelessPairCount: allPairs.filter((pair) => !isFound(pair)).length,
  };
}

/**
 * The accuracy over the protocol's own folds, or over ten to which the pairs are dealt out where it has none.
 */
export function protocolAccuracy(protocol: ScoredProtocol): KFoldAccuracy {
  return protocol.foldCount > 1
    ? kFoldAccuracy(protocol, protocol.foldCount)
    : kFoldAccuracy(dealt(protocol), dealtFolds(protocol.genuine.length));
}

/** Tells for each pair whether it is decided rightly by the threshold that was chosen without its fold. */
export function protocolDecisions(protocol: ScoredProtocol): readonly boolean[] {
  if (protocol.foldCount > 1) return kFoldDecisions(protocol, protocol.foldCount);
  const order = dealtOrder(protocol.genuine.length);
  const decided = kFoldDecisions(dealt(protocol), dealtFolds(order.length));
  const decisions = new Array<boolean>(order.length).fill(false);
  for (const [place, pair] of order.entries()) decisions[pair] = decided[place] ?? false;
  return decisions;
}

function dealt({ similarities, genuine }: ScoredPairs): ScoredPairs {
  const order = dealtOrder(genuine.length);
  return {
    similarities: Float64Array.from(order, (pair) => similarities[pair] ?? Number.NaN),
    genuine: order.map((pair) => genuine[pair] ?? false),
  };
}

function dealtFolds(pairCount: number): number {
  return Math.min(foldsWithoutProtocol, pairCount);
}

/** 0, 10, 20 … 1, 11, 21 …: each contiguous tenth has pairs from the whole list. */
function dealtOrder(count: number): readonly number[] {
  return Array.from({ length: count }, (_, pair) => pair).sort(
    (a, b) => (a % dealtFolds(count)) - (b % dealtFolds(count)) || a - b,
  );
}

function identitiesOf(
  images: readonly DatasetImage[],
  pairs: readonly DatasetPair[],
): readonly PairIdentities[] | undefined {
  const identities: PairIdentities[] = [];
  for (const { first, second } of pairs) {
    const [a, b] = [images[first]?.identity, images[second]?.identity];
    if (a === undefined || b === undefined) return undefined;
    identities.push([a, b]);
  }
  return identities;
}
