import { type ClassVariance, classVariance } from './metrics/class-variance.js';
import type { ConfidenceInterval } from './metrics/identity-bootstrap.js';
import type { KFoldAccuracy } from './metrics/k-fold-accuracy.js';
import { calibrationPairs } from './calibration/calibration-pairs.js';
import { type Calibration, calibrationOf } from './calibration/model-calibration.js';
import {
  areaUnderCurve,
  equalErrorRate,
  type OperatingPoint,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
  supportedFalseMatchRates,
} from './metrics/operating-points.js';
import type { HalfFigures } from './metrics/half-symmetry.js';
import type { ScoredPairs } from './metrics/scored-pairs.js';
import type { DatasetImage, DatasetPair } from './benchmark-dataset.js';
import { bootstrapIntervals } from './bootstrap-intervals.js';
import type { FacelessPolicy } from './faceless-policy.js';
import type { MeasuredImage } from './measured-image.js';
import type { PairScores } from './pair-scores.js';
import { frontnessSlices, type FrontnessSlice, type QualitySlice, qualitySlices } from './report-slices.js';
import {
  protocolAccuracy,
  protocolDecisions,
  type ScoredProtocol,
  scoreProtocol,
} from './scored-protocol.js';
import { type WorstPairs, worstPairs } from './worst-pairs.js';

export interface TrueAcceptRate {
  readonly falseMatchRate: number;
  readonly trueAcceptRate: number;
  readonly interval: ConfidenceInterval | undefined;
  readonly similarityThreshold: number | undefined;
  readonly similarityThresholdInterval: ConfidenceInterval | undefined;
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
  readonly qualitySlices: readonly QualitySlice[];
  /**
   * The variances of the embeddings between and within persons; undefined where the data set does not name them.
   */
  readonly classVariance: ClassVariance | undefined;
  /**
   * What the model version can be calibrated by; undefined where there are too few impostor pairs for any false match rate, or it is not
   * known how the faces look.
   */
  readonly calibration: Calibration | undefined;
  /**
   * What the model makes of the halves of symmetric faces; absent where these were not embedded, as in reports of before they
   * were.
   */
  readonly halves?: HalfFigures;
  readonly histogram: SimilarityHistogram;
  /**
   * The ROC curve from the least false match rate that the impostor pairs can tell to 1, evenly spaced in its
   * logarithm.
   */
  readonly curve: readonly CurvePoint[];
  readonly worstPairs: WorstPairs;
}

/** Everything that a report is made from. */
export interface MeasuredProtocol {
  readonly images: readonly DatasetImage[];
  readonly pairs: readonly DatasetPair[];
  readonly foldCount: number;
  /** One an image; undefined where no face was found. */
  readonly measured: readonly (MeasuredImage | undefined)[];
  /** SHA-256 of each image's bytes. */
  readonly digests: readonly Uint8Array[];
  readonly facelessPolicy: FacelessPolicy;
}

const histogramBins = 200;
const curvePoints = 120;

/** @throws RangeError where no genuine or no impostor pair counts */
export function verificationReport(input: MeasuredProtocol): {
  readonly report: VerificationReport;
  readonly outcomes: PairScores;
} {
  const { images, pairs, foldCount, measured, digests, facelessPolicy } = input;
  const protocol = scoreProtocol(images, pairs, foldCount, measured, facelessPolicy);
  const points = operatingPoints(rankPairs(protocol));
  const decisions = protocolDecisions(protocol);
  const genuinePairCount = protocol.genuine.filter(Boolean).length;
  const impostorPairCount = protocol.genuine.length - genuinePairCount;
  const faces = measured.filter((image) => image !== undefined);
  const report = {
    genuinePairCount,
    impostorPairCount,
    facelessImageCount: measured.length - faces.length,
    facelessPairCount: protocol.facelessPairCount,
    accuracy: protocolAccuracy(protocol),
    ...ratesOf(protocol, points, impostorPairCount),
    areaUnderCurve: areaUnderCurve(points),
    meanEmbeddingNorm: faces.reduce((sum, { embeddingNorm }) => sum + embeddingNorm, 0) / faces.length,
    frontnessSlices: frontnessSlices(protocol, measured, decisions),
    qualitySlices: qualitySlices(protocol, measured, decisions),
    classVariance: varianceOf(images, measured),
    calibration: calibrationBy(input),
    histogram: histogramOf(protocol),
    curve: curveOf(points, impostorPairCount),
    worstPairs: worstPairs(protocol, images, digests),
  };
  const { similarities, genuine, identities } = protocol;
  return { report, outcomes: { similarities, genuine, identities, decidedRightly: decisions } };
}

function ratesOf(
  protocol: ScoredProtocol,
  points: readonly OperatingPoint[],
  impostorPairCount: number,
): Pick<VerificationReport, 'trueAcceptRates' | 'equalErrorRate' | 'equalErrorRateInterval'> {
  const rates = supportedFalseMatchRates(impostorPairCount);
  const intervals = bootstrapIntervals(protocol, rates);
  return {
    trueAcceptRates: rates.map((falseMatchRate, index) => {
      const { trueAcceptRate, similarityThreshold } = pointAtFalseMatchRate(points, falseMatchRate);
      return {
        falseMatchRate,
        trueAcceptRate,
        similarityThreshold,
        interval: intervals?.trueAcceptRates[index],
        similarityThresholdInterval: intervals?.similarityThresholds[index],
      };
    }),
    equalErrorRate: equalErrorRate(points),
    equalErrorRateInterval: intervals?.equalErrorRate,
  };
}

function varianceOf(
  images: readonly DatasetImage[],
  measured: readonly (MeasuredImage | undefined)[],
): ClassVariance | undefined {
  if (images.some(({ identity }) => identity === undefined)) return undefined;
  const faces = measured.flatMap((face, index) =>
    face === undefined ? [] : [{ embedding: face.embedding, identity: images[index]?.identity ?? '' }],
  );
  if (faces.length === 0) return undefined;
  return classVariance(
    faces.map(({ embedding }) => embedding),
    faces.map(({ identity }) => identity),
  );
}

function calibrationBy({ images, pairs, measured }: MeasuredProtocol): Calibration | undefined {
  const found = calibrationPairs(images, pairs, measured);
  return found && calibrationOf(found);
}

function curveOf(points: readonly OperatingPoint[], impostorPairCount: number): readonly CurvePoint[] {
  const decades = Math.log10(impostorPairCount);
  return Array.from({ length: curvePoints }, (_, index) => {
    const falseMatchRate = 10 ** (-decades * (1 - index / (curvePoints - 1)));
    return { falseMatchRate, trueAcceptRate: pointAtFalseMatchRate(points, falseMatchRate).trueAcceptRate };
  });
}

function histogramOf({ similarities, genuine }: ScoredPairs): SimilarityHistogram {
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
