import type { Evaluation__Output } from '../../generated/symface/v1/Evaluation.js';
import type { Interval__Output } from '../../generated/symface/v1/Interval.js';
import type { VerificationReport__Output } from '../../generated/symface/v1/VerificationReport.js';
import { RemoteFailure } from '../../adapters/grpc-client/remote-failure.js';
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
    `  model ${idIn(evaluation.modelVersion)}, detector ${idIn(evaluation.detectorVersion)}`,
    ...(report === null ? [] : reportLines(report)),
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

function reportLines(report: VerificationReport__Output): readonly string[] {
  const { genuinePairCount, impostorPairCount, facelessImageCount, facelessPairCount } = report;
  const rates = report.trueAcceptRates.map((rate) => [
    rate.falseMatchRate.toExponential(0),
    percent(rate.trueAcceptRate),
    intervalText(rate.interval),
    rate.similarityThreshold?.toFixed(4) ?? '-',
  ]);
  const slices = report.frontnessSlices.map(({ symmetricFaceCount, pairCount, accuracy }) => [
    ['no face', 'one face', 'both faces'][symmetricFaceCount] ?? '',
    String(pairCount),
    percent(accuracy),
  ]);
  return [
    `  pairs     ${genuinePairCount} genuine, ${impostorPairCount} impostor`,
    `  no face   in ${facelessImageCount} images, ${facelessPairCount} pairs (counted as "different")`,
    `  accuracy  ${percent(report.accuracyMean)} ± ${percent(report.accuracyStandardDeviation)} over ${report.folds.length} folds`,
    `  EER       ${percent(report.equalErrorRate)} ${intervalText(report.equalErrorRateInterval)}`.trimEnd(),
    `  AUC       ${report.areaUnderCurve.toFixed(6)}`,
    `  norm      ${report.meanEmbeddingNorm.toFixed(3)} (mean, before normalisation)`,
    '',
    ...tableLines(['FMR', 'TAR', '95 % INTERVAL', 'SIMILARITY'], rates).map((line) => `  ${line}`),
    ...(slices.length === 0
      ? []
      : ['', ...tableLines(['SYMMETRIC (ρ > 0.2)', 'PAIRS', 'ACCURACY'], slices).map((line) => `  ${line}`)]),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function intervalText(interval: Interval__Output | null): string {
  return interval === null ? '' : `${percent(interval.lower)} to ${percent(interval.upper)}`;
}
