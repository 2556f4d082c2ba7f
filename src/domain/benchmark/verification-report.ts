import { isSymmetric } from '../geometry/frontness.js';
import {
  type ConfidenceInterval,
  identityBootstrap,
  type PairIdentities,
  percentileInterval,
} from '../metrics/identity-bootstrap.js';
import { type KFoldAccuracy, kFoldAccuracy, kFoldDecisions } from '../metrics/k-fold-accuracy.js';
import {
  areaUnderCurve,
  equalErrorRate,
  type OperatingPoint,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
  supportedFalseMatchRates,
} from '../metrics/operating-points.js';
import type { DatasetImage, DatasetPair } from './benchmark-dataset.js';
import { cosineSimilarity } from '../verification/similarity.js';

/** What was measured on one image; undefined where no face was found in it. */
export interface MeasuredImage {
  /** Unit length. */
  readonly embedding: Float32Array;
  /** Before normalisation. */
  readonly embeddingNorm: number;
  /** Frontness ρ; undefined for aligned crops, in which no landmarks were looked for. */
  readonly rho: number | undefined;
}

export interface TrueAcceptRate {
  readonly falseMatchRate: number;
  readonly trueAcceptRate: number;
  readonly interval: ConfidenceInterval | undefined;
  readonly similarityThreshold: number | undefined;
}

/** Pairs of which so many faces are symmetric, and how many of them are decided rightly. */
export interface FrontnessSlice {
  readonly symmetricFaceCount: number;
  readonly pairCount: number;
  readonly accuracy: number;
}

/** Counts of similarities in equal bins from -1 to 1; 1 itself is in the last one. */
export interface SimilarityHistogram {
  readonly genuine: readonly number[];
  readonly impostor: readonly number[];
}

/** A point of the ROC curve. */
export interface CurvePoint {
  readonly falseMatchRate: number;
  readonly trueAcceptRate: number;
}

/** The figures of one model on one verification protocol. */
export interface VerificationReport {
  readonly genuinePairCount: number;
  readonly impostorPairCount: number;
  readonly facelessImageCount: number;
  readonly facelessPairCount: number;
  readonly accuracy: KFoldAccuracy;
  readonly trueAcceptRates: readonly TrueAcceptRate[];
  readonly equalErrorRate: number;
  readonly equalErrorRateInterval: ConfidenceInterval | undefined;
  readonly areaUnderCurve: number;
  readonly meanEmbeddingNorm: number;
  readonly frontnessSlices: readonly FrontnessSlice[];
  readonly histogram: SimilarityHistogram;
  /** From the least false match rate that the impostor pairs can tell to 1, evenly spaced in its logarithm. */
  readonly curve: readonly CurvePoint[];
}

/** A face that was not found matches nobody: such a pair counts as "different", right or wrong, as NIST counts it. */
const facelessSimilarity = -1;
const histogramBins = 200;
const curvePoints = 120;
const bootstrapReplicates = 500;
const bootstrapSeed = 20_240_916;

/**
 * @param measured one an image
 * @throws RangeError where there is no genuine or no impostor pair
 */
export function verificationReport(
  images: readonly DatasetImage[],
  pairs: readonly DatasetPair[],
  foldCount: number,
  measured: readonly (MeasuredImage | undefined)[],
): VerificationReport {
  const genuine = pairs.map((pair) => pair.genuine);
  const similarities = Float64Array.from(pairs, ({ first, second }) => {
    const [a, b] = [measured[first], measured[second]];
    return a === undefined || b === undefined
      ? facelessSimilarity
      : cosineSimilarity(a.embedding, b.embedding);
  });
  const scored = { similarities, genuine };
  const points = operatingPoints(rankPairs(scored));
  const genuinePairCount = genuine.filter(Boolean).length;
  const impostorPairCount = genuine.length - genuinePairCount;
  const rates = supportedFalseMatchRates(impostorPairCount);
  const intervals = bootstrapIntervals(scored, identitiesOf(images, pairs), rates);
  const faces = measured.filter((image) => image !== undefined);
  return {
    genuinePairCount,
    impostorPairCount,
    facelessImageCount: measured.length - faces.length,
    facelessPairCount: pairs.filter(
      ({ first, second }) => measured[first] === undefined || measured[second] === undefined,
    ).length,
    accuracy: accuracyOf(scored, foldCount),
    trueAcceptRates: rates.map((falseMatchRate, index) => {
      const { trueAcceptRate, similarityThreshold } = pointAtFalseMatchRate(points, falseMatchRate);
      return {
        falseMatchRate,
        trueAcceptRate,
        similarityThreshold,
        interval: intervals?.trueAcceptRates[index],
      };
    }),
    equalErrorRate: equalErrorRate(points),
    equalErrorRateInterval: intervals?.equalErrorRate,
    areaUnderCurve: areaUnderCurve(points),
    meanEmbeddingNorm: faces.reduce((sum, { embeddingNorm }) => sum + embeddingNorm, 0) / faces.length,
    frontnessSlices: frontnessSlices(pairs, measured, decisionsOf(scored, foldCount)),
    histogram: histogramOf(scored),
    curve: curveOf(points, impostorPairCount),
  };
}

/** A protocol without folds has nothing to choose a threshold on: its pairs are dealt out to ten. */
const foldsWithoutProtocol = 10;

function accuracyOf(scored: Parameters<typeof kFoldAccuracy>[0], foldCount: number): KFoldAccuracy {
  if (foldCount > 1) return kFoldAccuracy(scored, foldCount);
  return kFoldAccuracy(dealt(scored), foldsWithoutProtocol);
}

function decisionsOf(scored: Parameters<typeof kFoldAccuracy>[0], foldCount: number): readonly boolean[] {
  if (foldCount > 1) return kFoldDecisions(scored, foldCount);
  const order = dealtOrder(scored.genuine.length);
  const decided = kFoldDecisions(dealt(scored), foldsWithoutProtocol);
  const decisions = new Array<boolean>(order.length).fill(false);
  for (const [place, pair] of order.entries()) decisions[pair] = decided[place] ?? false;
  return decisions;
}

function dealt({
  similarities,
  genuine,
}: Parameters<typeof kFoldAccuracy>[0]): Parameters<typeof kFoldAccuracy>[0] {
  const order = dealtOrder(genuine.length);
  return {
    similarities: Float64Array.from(order, (pair) => similarities[pair] ?? Number.NaN),
    genuine: order.map((pair) => genuine[pair] ?? false),
  };
}

/** 0, 10, 20 … 1, 11, 21 …: each contiguous tenth has pairs from the whole list. */
function dealtOrder(count: number): readonly number[] {
  return Array.from({ length: count }, (_, pair) => pair).sort(
    (a, b) => (a % foldsWithoutProtocol) - (b % foldsWithoutProtocol) || a - b,
  );
}

/** Undefined where the data set does not say who is on each image. */
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

function bootstrapIntervals(
  scored: Parameters<typeof rankPairs>[0],
  identities: readonly PairIdentities[] | undefined,
  rates: readonly number[],
):
  | { readonly equalErrorRate: ConfidenceInterval; readonly trueAcceptRates: readonly ConfidenceInterval[] }
  | undefined {
  if (identities === undefined) return undefined;
  const ranked = rankPairs(scored);
  const errors: number[] = [];
  const accepted = rates.map((): number[] => []);
  for (const weights of identityBootstrap(identities, bootstrapReplicates, bootstrapSeed)) {
    const hasWeight = (kind: boolean): boolean =>
      scored.genuine.some((isGenuine, pair) => isGenuine === kind && (weights[pair] ?? 0) > 0);
    // A sample of very few persons may have no pair of a kind.
    if (!hasWeight(true) || !hasWeight(false)) continue;
    const points = operatingPoints(ranked, weights);
    errors.push(equalErrorRate(points));
    for (const [index, rate] of rates.entries()) {
      accepted[index]?.push(pointAtFalseMatchRate(points, rate).trueAcceptRate);
    }
  }
  if (errors.length === 0) return undefined;
  return { equalErrorRate: percentileInterval(errors), trueAcceptRates: accepted.map(percentileInterval) };
}

function frontnessSlices(
  pairs: readonly DatasetPair[],
  measured: readonly (MeasuredImage | undefined)[],
  decisions: readonly boolean[],
): readonly FrontnessSlice[] {
  // Where it was not measured, there is nothing to slice by.
  if (measured.some((image) => image !== undefined && image.rho === undefined)) return [];
  const isSymmetricFace = (image: number): number => Number(isSymmetric(measured[image]?.rho ?? 0));
  const counts = pairs.map(({ first, second }) => isSymmetricFace(first) + isSymmetricFace(second));
  return [0, 1, 2].flatMap((symmetricFaceCount) => {
    const decided = decisions.filter((_, pair) => counts[pair] === symmetricFaceCount);
    if (decided.length === 0) return [];
    const accuracy = decided.filter(Boolean).length / decided.length;
    return [{ symmetricFaceCount, pairCount: decided.length, accuracy }];
  });
}

function curveOf(points: readonly OperatingPoint[], impostorPairCount: number): readonly CurvePoint[] {
  const decades = Math.log10(impostorPairCount);
  return Array.from({ length: curvePoints }, (_, index) => {
    const falseMatchRate = 10 ** (-decades * (1 - index / (curvePoints - 1)));
    return { falseMatchRate, trueAcceptRate: pointAtFalseMatchRate(points, falseMatchRate).trueAcceptRate };
  });
}

function histogramOf({ similarities, genuine }: Parameters<typeof rankPairs>[0]): SimilarityHistogram {
  const histogram = {
    genuine: new Array<number>(histogramBins).fill(0),
    impostor: new Array<number>(histogramBins).fill(0),
  };
  for (const [pair, similarity] of similarities.entries()) {
    const bin = Math.min(Math.floor(((similarity + 1) / 2) * histogramBins), histogramBins - 1);
    const counts = genuine[pair] ? histogram.genuine : histogram.impostor;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return histogram;
}
