import { invalidField } from '../invalid-field.js';
import { Failure } from '../failure.js';
import type { RecordedThreshold } from '../models/manifest.js';
import {
  type Calibration,
  howToCalibrate,
  type ModelCalibration,
  ratesText,
  type RecordedCalibration,
  thresholdOfRate,
} from '../protocols/calibration/model-calibration.js';
import { bandOf } from '../protocols/calibration/threshold-bands.js';
import { falseMatchRateText } from '../protocols/figure-text.js';
import { requireMeaningful } from './meaningful-range.js';

/** What a request says of the threshold; at most one of both. */
export interface RequestedThreshold {
  /** Cosine similarity. */
  readonly similarityThreshold: number | undefined;
  /** The calibrated threshold of this rate. */
  readonly falseMatchRate: number | undefined;
}

/** What is known of a model version's similarities, the first of these that there is being in force. */
interface ThresholdSources {
  readonly calibration: ModelCalibration | undefined;
  readonly recordedCalibration: RecordedCalibration | undefined;
  readonly recordedThreshold: RecordedThreshold | undefined;
}

/** The cosine similarity a decision is made with, and where it came from. */
export interface SimilarityThreshold {
  readonly similarity: number;
  readonly origin: 'request' | 'model-version' | 'calibration';
  /** A description for people. */
  readonly description: string;
  /** The false match rate of a calibrated one, 0 to 1. */
  readonly falseMatchRate?: number;
  readonly benchmarkRunId?: string;
  /** How alike strangers are to be expected who look as the two faces do; absent where the threshold is not one for such pairs. */
  readonly expectedImpostorSimilarity?: number;
}

/** The thresholds of a call. */
export interface ThresholdRule {
  /** That of pairs of all kinds: for summaries, and for faces of which it is not known how they look. */
  readonly overall: SimilarityThreshold;
  /**
   * The threshold of a pair by its `expectedImpostorSimilarity`; undefined where it is harder than all that the thresholds were measured on.
   */
  readonly of: (expectedImpostorSimilarity: number) => SimilarityThreshold | undefined;
  /** What match probabilities come from; undefined where nothing was calibrated. */
  readonly calibration: Calibration | undefined;
}

/**
 * The request's threshold where it has one; else that of the model version's newest calibration, or of the one in its manifest, at the
 * request's false match rate or the one in force; else the bare threshold of the manifest.
 * @param operatingFalseMatchRate the one in force where the request states none
 * @throws Failure THRESHOLD_NOT_CALIBRATED where there is none; INVALID_ARGUMENT where the request's can mean nothing for the version
 */
export function resolveThreshold(
  { similarityThreshold, falseMatchRate }: RequestedThreshold,
  sources: ThresholdSources,
  operatingFalseMatchRate: number,
): ThresholdRule {
  const calibration = sources.calibration ?? sources.recordedCalibration;
  if (similarityThreshold !== undefined) {
    if (calibration !== undefined) requireMeaningful(similarityThreshold, calibration);
    return same(
      { similarity: similarityThreshold, origin: 'request', description: 'set by the request' },
      calibration,
    );
  }
  if (calibration !== undefined)
    return calibratedRule(sources.calibration, calibration, falseMatchRate ?? operatingFalseMatchRate);
  if (sources.recordedThreshold !== undefined && falseMatchRate === undefined) {
    return same({ ...sources.recordedThreshold, origin: 'model-version' }, undefined);
  }
  throw new Failure(
    'THRESHOLD_NOT_CALIBRATED',
    falseMatchRate === undefined
      ? 'The model version has no similarity threshold. Set similarity_threshold in the request, or ' +
          'calibrate the version.'
      : 'The model version was not calibrated, so no threshold is known for a false match rate. Calibrate it, ' +
          'or set similarity_threshold in the request.',
  );
}

/** One threshold for all pairs. */
function same(threshold: SimilarityThreshold, calibration: Calibration | undefined): ThresholdRule {
  return { overall: threshold, of: () => threshold, calibration };
}

function calibratedRule(
  measured: ModelCalibration | undefined,
  calibration: RecordedCalibration,
  falseMatchRate: number,
): ThresholdRule {
  const threshold = thresholdOfRate(calibration, falseMatchRate);
  if (threshold === undefined) throw rateNotCalibrated(calibration, falseMatchRate);
  const of = (similarity: number, pairCount: number, which: string): SimilarityThreshold => ({
    similarity,
    origin: measured === undefined ? 'model-version' : 'calibration',
    description: `FMR ${falseMatchRateText(threshold.falseMatchRate)} on ${pairCount} impostor pairs${which} of ${calibration.description}`,
    falseMatchRate: threshold.falseMatchRate,
    ...(measured?.benchmarkRunId !== undefined && { benchmarkRunId: measured.benchmarkRunId }),
  });
  return {
    overall: of(threshold.similarityThreshold, calibration.impostorPairCount, ''),
    of: (expectedImpostorSimilarity) => {
      const band = bandOf(threshold.bands, expectedImpostorSimilarity);
      if (band === undefined) return undefined;
      const { similarityThreshold: similarity, impostorPairCount } = band;
      return { ...of(similarity, impostorPairCount, ' that look as alike,'), expectedImpostorSimilarity };
    },
    calibration,
  };
}

function rateNotCalibrated({ thresholds }: Calibration, falseMatchRate: number): Failure {
  return new Failure(
    'THRESHOLD_NOT_CALIBRATED',
    `The active model version is calibrated for false match rates of ${ratesText(thresholds)}, not of ` +
      `${falseMatchRate}. Ask for one of these. ${howToCalibrate(falseMatchRate)}`,
    { false_match_rate: String(falseMatchRate) },
  );
}

/**
 * Checks what a request says of the threshold before anything is done.
 * @throws Failure INVALID_ARGUMENT (fields `similarity_threshold`, `false_match_rate`)
 */
export function requireUsable({ similarityThreshold, falseMatchRate }: RequestedThreshold): void {
  if (similarityThreshold !== undefined) requireCosine(similarityThreshold);
  if (falseMatchRate === undefined) return;
  if (similarityThreshold !== undefined) {
    throw invalidField('false_match_rate', 'must not be set beside similarity_threshold');
  }
  if (!(falseMatchRate > 0 && falseMatchRate < 1)) {
    throw invalidField('false_match_rate', `must be between 0 and 1, got ${falseMatchRate}`);
  }
}

function requireCosine(similarity: number): void {
  if (similarity >= -1 && similarity <= 1) return;
  throw invalidField('similarity_threshold', `must be a cosine similarity from -1 to 1, got ${similarity}`);
}

/** Two faces match from the threshold on. */
export function isMatch(similarity: number, threshold: SimilarityThreshold): boolean {
  return similarity >= threshold.similarity;
}
