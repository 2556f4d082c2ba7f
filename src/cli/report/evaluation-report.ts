import type { Evaluation__Output } from '../../generated/symface/v1/Evaluation.js';
import type { SlicedMeasure } from '../../core/protocols/report-slices.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { FacelessPolicy__Output } from '../../generated/symface/v1/FacelessPolicy.js';
import type { Interval__Output } from '../../generated/symface/v1/Interval.js';
import type { VerificationReport__Output } from '../../generated/symface/v1/VerificationReport.js';
import { RemoteFailure } from '../../client/remote-failure.js';
import { idIn } from '../enrolment-names.js';
import { tableLines } from './table.js';

const STATE_WORDS: Readonly<Record<Evaluation__Output['state'], string>> = {
  EVALUATION_STATE_UNSPECIFIED: 'unknown',
  EVALUATION_STATE_RUNNING: 'running',
  EVALUATION_STATE_SUCCEEDED: 'succeeded',
  EVALUATION_STATE_FAILED: 'failed',
  EVALUATION_STATE_CANCELLED: 'cancelled',
};

export function stateWord({ state }: Evaluation__Output): string {
  return STATE_WORDS[state];
}

/** Everything on one evaluation, for people. */
export function evaluationLines(evaluation: Evaluation__Output): readonly string[] {
  const { report, error } = evaluation;
  return [
    `${idIn(evaluation.name)}: ${idIn(evaluation.dataset)}, ${stateWord(evaluation)}`,
    `  model ${idIn(evaluation.modelVersion)}, detector ${idIn(evaluation.detectorVersion)}, by ${evaluation.codeVersion}`,
    ...(report === null ? [] : reportLines(report, evaluation.facelessPolicy)),
    ...(error === null
      ? []
      : [`  ${RemoteFailure.fromStatus(error).reason ?? 'INTERNAL'}: ${error.message}`]),
  ];
}

/** The evaluation as one JSON value, its report as an object with everything in it. */
export function evaluationJson(evaluation: Evaluation__Output): Record<string, unknown> {
  const { report, error, ...rest } = evaluation;
  if (report === null) return { ...rest, report, error: error && RemoteFailure.fromStatus(error).message };
  const parsed: unknown = JSON.parse(report.reportJson);
  return { ...rest, datasetDigest: report.datasetDigest, report: parsed };
}

function reportLines(report: VerificationReport__Output, policy: FacelessPolicy__Output): readonly string[] {
  const { genuinePairCount, impostorPairCount, facelessImageCount, facelessPairCount } = report;
  const rates = report.trueAcceptRates.map((rate) => [
    rate.falseMatchRate.toExponential(0),
    percent(rate.trueAcceptRate),
    intervalText(rate.interval),
    rate.similarityThreshold?.toFixed(4) ?? '-',
    thresholdInterval(rate.similarityThresholdInterval),
  ]);
  const slices = report.frontnessSlices.map(({ symmetricFaceCount, pairCount, accuracy }) => [
    ['no face', 'one face', 'both faces'][symmetricFaceCount] ?? '',
    String(pairCount),
    percent(accuracy),
  ]);
  return [
    `  pairs     ${genuinePairCount} genuine, ${impostorPairCount} impostor`,
    `  no face   in ${facelessImageCount} images, ${facelessPairCount} pairs (${policy === 'FACELESS_POLICY_EXCLUDED' ? 'left out' : 'counted as "different"'})`,
    `  accuracy  ${percent(report.accuracyMean)} ± ${percent(report.accuracyStandardDeviation)} over ${report.folds.length} folds`,
    `  EER       ${percent(report.equalErrorRate)}${eerInterval(report)}`,
    `  AUC       ${report.areaUnderCurve.toFixed(6)}`,
    `  norm      ${report.meanEmbeddingNorm.toFixed(3)} (mean, before normalisation)`,
    ...varianceLines(report),
    '',
    ...tableLines(['FMR', 'TAR', '95 % INTERVAL', 'SIMILARITY', '95 % INTERVAL'], rates).map(
      (line) => `  ${line}`,
    ),
    ...(slices.length === 0
      ? []
      : ['', ...tableLines(['SYMMETRIC (ρ > 0.2)', 'PAIRS', 'ACCURACY'], slices).map((line) => `  ${line}`)]),
    ...qualityLines(report),
  ];
}

function eerInterval({ equalErrorRateInterval }: VerificationReport__Output): string {
  const text = intervalText(equalErrorRateInterval);
  return text === '' ? '' : ` (95 %: ${text})`;
}

function varianceLines({
  interClassVariance,
  intraClassVariance,
}: VerificationReport__Output): readonly string[] {
  if (interClassVariance === undefined || intraClassVariance === undefined) return [];
  return [
    `  variance  ${interClassVariance.toFixed(4)} between persons, ${intraClassVariance.toFixed(4)} within`,
  ];
}

const MEASURE_WORDS: Readonly<Record<SlicedMeasure, string>> = {
  'face-size-pixels': 'face size, px',
  sharpness: 'sharpness',
  'yaw-degrees': 'yaw, degrees',
  'embedding-norm': 'embedding norm',
};

function qualityLines({ reportJson }: VerificationReport__Output): readonly string[] {
  const { qualitySlices } = JSON.parse(reportJson) as VerificationReport;
  if (qualitySlices.length === 0) return [];
  const rows = qualitySlices.map(({ measure, from, to, pairCount, genuinePairCount, accuracy }) => [
    MEASURE_WORDS[measure],
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    String(pairCount),
    percent(genuinePairCount / pairCount),
    percent(accuracy),
  ]);
  const headings = ['WORSE FACE BY', 'FROM WORST', 'PAIRS', 'GENUINE', 'ACCURACY'];
  return ['', ...tableLines(headings, rows).map((line) => `  ${line}`)];
}

function thresholdInterval(interval: Interval__Output | null): string {
  return interval === null ? '' : `${interval.lower.toFixed(4)} to ${interval.upper.toFixed(4)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function intervalText(interval: Interval__Output | null): string {
  return interval === null ? '' : `${percent(interval.lower)} to ${percent(interval.upper)}`;
}
