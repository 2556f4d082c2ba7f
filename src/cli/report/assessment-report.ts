import type { Assessment__Output } from '../../generated/symface/v1/Assessment.js';
import type { AssessmentReport__Output } from '../../generated/symface/v1/AssessmentReport.js';
import type { ModelComparison__Output } from '../../generated/symface/v1/ModelComparison.js';
import type { VerificationFigures__Output } from '../../generated/symface/v1/VerificationFigures.js';
import { idIn } from '../enrolment-names.js';
import { falseMatchRateText, percent } from '../../core/protocols/figure-text.js';
import { errorLine } from './error-line.js';
import { halfRows } from './half-rows.js';
import { tableLines } from './table.js';

/** What an assessment job has for itself, for people. */
export function assessmentLines(assessment: Assessment__Output, actor: string): readonly string[] {
  const { modelVersion, baselineModelVersion, report, activation, activationError } = assessment;
  const beside = baselineModelVersion === '' ? '' : ` beside ${idIn(baselineModelVersion)}`;
  return [
    `  candidate ${idIn(modelVersion)}${beside}, asked for by ${actor}`,
    ...(report === null ? [] : reportLines(report)),
    ...(activation === '' ? [] : [`  activation ${idIn(activation)}: symface jobs show ${idIn(activation)}`]),
    ...(activationError === null ? [] : [`  not activated: ${errorLine(activationError)}`]),
  ];
}

function reportLines(report: AssessmentReport__Output): readonly string[] {
  const comparisons = [...(report.heldOut === null ? [] : [report.heldOut]), ...report.benchmarks];
  const figures = tableLines(['ON', 'PAIRS', 'FIGURE', 'BASELINE', 'CANDIDATE'], comparisons.flatMap(rowsOf));
  const checks = report.checks.map(({ check, dataset, passed, finding }) => [
    passed ? 'pass' : 'FAIL',
    dataset === '' ? check : `${check} ${idIn(dataset)}`,
    finding,
  ]);
  return [
    ...(comparisons.length === 0 ? [] : figures),
    ...tableLines(['CHECK', '', ''], checks).slice(1),
  ].map((line) => `  ${line}`);
}

/** The rows of both models on the same pairs, one for each figure. */
function rowsOf({ dataset, pairCount, baseline, candidate }: ModelComparison__Output): string[][] {
  if (baseline === null || candidate === null) return [];
  const on = dataset === '' ? 'held out' : idIn(dataset);
  const rates = baseline.trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => {
    const same = candidate.trueAcceptRates.find((rate) => rate.falseMatchRate === falseMatchRate);
    const after = same === undefined ? '-' : percent(same.trueAcceptRate);
    return [`TAR@FMR=${falseMatchRateText(falseMatchRate)}`, percent(trueAcceptRate), after];
  });
  const rows = [
    ['accuracy', accuracyText(baseline), accuracyText(candidate)],
    ['EER', percent(baseline.equalErrorRate), percent(candidate.equalErrorRate)],
    ...rates,
    ...halfRows(baseline, candidate),
  ];
  return rows.map((row, index) => [...(index === 0 ? [on, String(pairCount)] : ['', '']), ...row]);
}

function accuracyText({ accuracyMean, accuracyStandardDeviation }: VerificationFigures__Output): string {
  return `${(100 * accuracyMean).toFixed(2)} ± ${percent(accuracyStandardDeviation)}`;
}
