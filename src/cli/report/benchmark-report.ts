import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { FacelessPolicy__Output } from '../../generated/symface/v1/FacelessPolicy.js';
import type { VerificationReport__Output } from '../../generated/symface/v1/VerificationReport.js';
import { idIn } from '../enrolment-names.js';
import { falseMatchRateText, intervalText, percent } from '../../core/protocols/figure-text.js';
import { measureWithUnit, symmetryWords } from '../../figures/report/slice-words.js';
import { tableLines } from './table.js';

/** A benchmark run with its figures, for people. */
export function benchmarkRunLines(run: BenchmarkRun__Output): readonly string[] {
  const { report } = run;
  return [
    `${idIn(run.name)}: ${idIn(run.dataset)}, ${run.createTime}`,
    `  model ${idIn(run.modelVersion)}, detector ${idIn(run.detectorVersion)}, by ${run.codeVersion}`,
    ...(report === null ? [] : benchmarkReportLines(report, run.facelessPolicy)),
  ];
}

/** A benchmark run as one JSON value, its report as an object with everything in it. */
export function benchmarkRunJson(run: BenchmarkRun__Output): Record<string, unknown> {
  const { report, ...rest } = run;
  if (report === null) return { ...rest, report };
  const parsed: unknown = JSON.parse(report.reportJson);
  return { ...rest, datasetDigest: report.datasetDigest, report: parsed };
}

/** The figures of a benchmark, for people. */
export function benchmarkReportLines(
  report: VerificationReport__Output,
  policy: FacelessPolicy__Output,
): readonly string[] {
  const { genuinePairCount, impostorPairCount, facelessImageCount, facelessPairCount } = report;
  const rates = report.trueAcceptRates.map((rate) => [
    falseMatchRateText(rate.falseMatchRate),
    percent(rate.trueAcceptRate),
    intervalText(rate.interval, percent),
    rate.similarityThreshold?.toFixed(4) ?? '-',
    intervalText(rate.similarityThresholdInterval, (similarity) => similarity.toFixed(4)),
  ]);
  const slices = report.frontnessSlices.map((slice) => [
    symmetryWords(slice),
    String(slice.pairCount),
    percent(slice.accuracy),
  ]);
  return [
    `  pairs     ${genuinePairCount} genuine, ${impostorPairCount} impostor`,
    `  no face   in ${facelessImageCount} images, ${facelessPairCount} pairs (${policy === 'FACELESS_POLICY_EXCLUDED' ? 'left out' : 'counted as "different"'})`,
    `  accuracy  ${percent(report.accuracyMean)} ± ${percent(report.accuracyStandardDeviation)} over ${report.folds.length} folds`,
    `  EER       ${percent(report.equalErrorRate)}${eerInterval(report)}`,
    `  AUC       ${report.areaUnderCurve.toFixed(6)}`,
    `  norm      ${report.meanEmbeddingNorm.toFixed(3)} (mean, before normalisation)`,
    ...varianceLines(report),
    ...halfLines(report),
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
  const text = intervalText(equalErrorRateInterval, percent);
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

function halfLines({ halves }: VerificationReport__Output): readonly string[] {
  if (halves === null) return [];
  const { faceCount, distanceRatio, areaUnderCurve } = halves;
  return [
    `  halves    ratio ${distanceRatio.toFixed(3)}, half-to-half AUC ${percent(areaUnderCurve)} (${faceCount} symmetric faces)`,
  ];
}

function qualityLines({ reportJson }: VerificationReport__Output): readonly string[] {
  const { qualitySlices } = JSON.parse(reportJson) as VerificationReport;
  if (qualitySlices.length === 0) return [];
  const rows = qualitySlices.map(({ measure, from, to, pairCount, genuinePairCount, accuracy }) => [
    measureWithUnit(measure),
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    String(pairCount),
    percent(genuinePairCount / pairCount),
    percent(accuracy),
  ]);
  const headings = ['WORSE FACE BY', 'FROM WORST', 'PAIRS', 'GENUINE', 'ACCURACY'];
  return ['', ...tableLines(headings, rows).map((line) => `  ${line}`)];
}
