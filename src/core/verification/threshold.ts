import { Failure } from '../failure.js';
import type { RecordedThreshold } from '../models/manifest.js';
import { type ModelCalibration, ratesText } from '../protocols/calibration/model-calibration.js';

/** What a request says of the threshold; at most one of both. */
export interface RequestedThreshold {
  /** Cosine similarity. */
  readonly similarityThreshold: number | undefined;
  /** The calibrated threshold of this rate. */
  readonly falseMatchRate: number | undefined;
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
}

/**
 * The request's threshold where it has one; else that of the model version's calibration, at the request's rate or its
 * default one; else the one recorded in the manifest.
 * @throws Failure THRESHOLD_NOT_CALIBRATED where there is none
 */
export function resolveThreshold(
  { similarityThreshold, falseMatchRate }: RequestedThreshold,
  recorded: RecordedThreshold | undefined,
  calibration: ModelCalibration | undefined,
): SimilarityThreshold {
  if (similarityThreshold !== undefined) {
    return { similarity: similarityThreshold, origin: 'request', description: 'set by the request' };
  }
  if (calibration !== undefined) {
    return calibratedThreshold(calibration, falseMatchRate ?? calibration.defaultFalseMatchRate);
  }
  if (recorded !== undefined && falseMatchRate === undefined) return { ...recorded, origin: 'model-version' };
  throw new Failure(
    'THRESHOLD_NOT_CALIBRATED',
    falseMatchRate === undefined
      ? 'The active model version has no similarity threshold. Set similarity_threshold in the request, or ' +
          'calibrate the version by a benchmark.'
      : 'The active model version was not calibrated, so no threshold is known for a false match rate. Calibrate it ' +
          'by a benchmark, or set similarity_threshold in the request.',
  );
}

function calibratedThreshold(calibration: ModelCalibration, falseMatchRate: number): SimilarityThreshold {
  const { thresholds, benchmarkRunId, datasetId, impostorPairCount } = calibration;
  const threshold = thresholds.find((candidate) => isSameRate(candidate.falseMatchRate, falseMatchRate));
  if (threshold === undefined) {
    throw new Failure(
      'THRESHOLD_NOT_CALIBRATED',
      `The active model version is calibrated for false match rates of ${ratesText(thresholds)}, not of ` +
        `${falseMatchRate}. Ask for one of these, or calibrate it on more impostor pairs.`,
    );
  }
  return {
    similarity: threshold.similarityThreshold,
    origin: 'calibration',
    description: `FMR ${falseMatchRate.toExponential(0)} on ${impostorPairCount} impostor pairs of ${datasetId}`,
    falseMatchRate: threshold.falseMatchRate,
    benchmarkRunId,
  };
}

/** 0.001 and 1e-3 are the same, however a client computed them. */
function isSameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * a;
}

/**
 * Checks what a request says of the threshold before anything is done.
 * @throws Failure INVALID_ARGUMENT (fields `similarity_threshold`, `false_match_rate`)
 */
export function requireUsable({ similarityThreshold, falseMatchRate }: RequestedThreshold): void {
  if (similarityThreshold !== undefined) requireCosine(similarityThreshold);
  if (falseMatchRate === undefined) return;
  if (similarityThreshold !== undefined) {
    throw invalid('false_match_rate', 'must not be set beside similarity_threshold');
  }
  if (!(falseMatchRate > 0 && falseMatchRate < 1)) {
    throw invalid('false_match_rate', `must be between 0 and 1, got ${falseMatchRate}`);
  }
}

function requireCosine(similarity: number): void {
  if (similarity >= -1 && similarity <= 1) return;
  throw invalid('similarity_threshold', `must be a cosine similarity from -1 to 1, got ${similarity}`);
}

function invalid(field: string, description: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field} ${description}.`, {}, [{ field, description }]);
}

/** Two faces match from the threshold on. */
export function isMatch(similarity: number, threshold: SimilarityThreshold): boolean {
  return similarity >= threshold.similarity;
}
