import { Failure } from '../../failure.js';
import type { VerificationReport } from '../verification-report.js';
import type { ConfidenceInterval } from '../metrics/identity-bootstrap.js';
import type { LogisticCalibration } from './logistic-calibration.js';

export interface CalibratedThreshold {
  readonly falseMatchRate: number;
  readonly similarityThreshold: number;
  readonly interval: ConfidenceInterval | undefined;
}

/** What a benchmark taught about the similarities of a model version. */
export interface ModelCalibration {
  readonly modelVersion: string;
  readonly benchmarkRunId: string;
  readonly datasetId: string;
  /** Verify's own where a request states none. */
  readonly defaultFalseMatchRate: number;
  /** The thresholds by falling false match rate, of the rates that the data support. */
  readonly thresholds: readonly CalibratedThreshold[];
  readonly logistic: LogisticCalibration;
  readonly impostorPairCount: number;
  readonly createTime: Date;
}

/**
 * False matches that must be expected at a rate before a threshold for it is believed: with 30 of them the true rate is
 * within 30 % of the measured one with a confidence of 90 % (the "rule of 30", ISO/IEC 19795-1).
 */
const leastFalseMatches = 30;

/** @throws Failure CALIBRATION_UNSUPPORTED where the impostor pairs are too few for the default rate */
export function calibrate(
  run: Pick<ModelCalibration, 'modelVersion' | 'benchmarkRunId' | 'datasetId'>,
  report: VerificationReport,
  defaultFalseMatchRate: number,
): Omit<ModelCalibration, 'createTime'> {
  const { impostorPairCount, logistic } = report;
  const thresholds = report.trueAcceptRates.flatMap((rate): CalibratedThreshold[] => {
    const { falseMatchRate, similarityThreshold, similarityThresholdInterval: interval } = rate;
    const isSupported = impostorPairCount * falseMatchRate >= leastFalseMatches * (1 - 1e-9);
    if (!isSupported || similarityThreshold === undefined) return [];
    return [{ falseMatchRate, similarityThreshold, interval }];
  });
  if (
    logistic === undefined ||
    !thresholds.some(({ falseMatchRate }) => falseMatchRate === defaultFalseMatchRate)
  ) {
    throw unsupported(impostorPairCount, defaultFalseMatchRate, thresholds);
  }
  return { ...run, defaultFalseMatchRate, thresholds, logistic, impostorPairCount };
}

function unsupported(
  impostorPairCount: number,
  rate: number,
  thresholds: readonly CalibratedThreshold[],
): Failure {
  const needed = Math.ceil(leastFalseMatches / rate - 1e-9);
  return new Failure(
    'CALIBRATION_UNSUPPORTED',
    `A false match rate of ${rate} needs ${needed} impostor pairs (${leastFalseMatches} false matches) and must be one ` +
      `of 1e-1, 1e-2 … 1e-6; the benchmark has ${impostorPairCount} pairs, which support ${ratesText(thresholds)}. ` +
      'Choose a higher rate, or a data set of more impostor pairs.',
    { impostor_pair_count: String(impostorPairCount) },
  );
}

/** The false match rates for messages, as "1e-1, 1e-2". */
export function ratesText(thresholds: readonly CalibratedThreshold[]): string {
  if (thresholds.length === 0) return 'none';
  return thresholds.map(({ falseMatchRate }) => falseMatchRate.toExponential(0)).join(', ');
}
