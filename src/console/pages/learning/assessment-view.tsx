import type { JSX } from 'preact';
import { counted } from '../../../core/counted.js';
import { GateFindings } from '../../../figures/report/gate-findings.js';
import { statusFailure } from '../../api/status-failure.js';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import type {
  Assessment,
  AssessmentReport,
  ModelComparison,
} from '../../generated/symface/v1/assessment_pb.js';
import { falseMatchRateText, intervalText, points, pValueText } from '../../../core/protocols/figure-text.js';
import { AssessmentVerdictNotice } from './assessment-verdict.js';
import { CandidateGate } from './candidate-gate.js';
import { checkName } from './check-name.js';
import { ComparisonTable } from './comparison-table.js';

/** An assessment: the candidate beside what serves, what each check found, and what to do next. */
export function AssessmentView({ assessment }: { readonly assessment: Assessment }): JSX.Element {
  const { report, modelVersion, baselineModelVersion } = assessment;
  return (
    <>
      <AssessmentVerdictNotice assessment={assessment} />
      <FailureNotice failure={statusFailure(assessment.activationError)} />
      {report !== undefined && <Findings report={report} />}
      <CandidateGate modelVersion={modelVersion} />
      <Section title="What is compared">
        <DetailList
          details={[
            ['Candidate', <a href={addressOf('models', idIn(modelVersion))}>{idIn(modelVersion)}</a>],
            ['Beside', baselineModelVersion === '' ? 'what serves when it runs' : idIn(baselineModelVersion)],
            ['Then', assessment.activateWhenPassed ? 'activated where it passes' : 'left to you'],
          ]}
        />
      </Section>
    </>
  );
}

function Findings({ report }: { readonly report: AssessmentReport }): JSX.Element {
  const comparisons = [...(report.heldOut === undefined ? [] : [report.heldOut]), ...report.benchmarks];
  return (
    <>
      <Section title="What each check found">
        <GateFindings findings={report.checks.map((check) => ({ ...check, check: checkName(check) }))} />
      </Section>
      <Section title="Side by side">
        {comparisons.map(({ baseline, candidate, pairCount, dataset }) =>
          baseline === undefined || candidate === undefined ? null : (
            <ComparisonTable
              key={dataset}
              on={`${upperFirst(onText(dataset))}, ${counted(pairCount, 'pair')}`}
              baselineName="Serves now"
              baseline={baseline}
              candidate={candidate}
            />
          ),
        )}
        <DetailList
          details={[
            ...comparisons.map(
              (comparison) =>
                [`Accuracy, ${onText(comparison.dataset)}`, differenceText(comparison)] as const,
            ),
            [
              'Time of a face, one core',
              sideBySide(report.baselineLatencyMs, report.candidateLatencyMs, 'ms', 1),
            ],
            [
              'Size',
              sideBySide(
                Number(report.baselineSizeBytes) / 2 ** 20,
                Number(report.candidateSizeBytes) / 2 ** 20,
                'MiB',
                2,
              ),
            ],
            ['Threshold', thresholdText(report)],
          ]}
        />
      </Section>
    </>
  );
}

function onText(dataset: string): string {
  return dataset === '' ? 'identities held out' : `data set ${idIn(dataset)}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The paired difference with its bounds, in percentage points. */
function differenceText({ accuracyDifference, accuracyDifferenceInterval, pValue }: ModelComparison): string {
  const interval = intervalText(accuracyDifferenceInterval, points);
  const bounds = interval === '' ? '' : ` (95 %: ${interval})`;
  return `${points(accuracyDifference)} points${bounds}, McNemar's p ${pValueText(pValue)}`;
}

function sideBySide(before: number, after: number, unit: string, digits: number): string {
  return `${before.toFixed(digits)} ${unit} serves now, ${after.toFixed(digits)} ${unit} candidate (× ${(after / before).toFixed(2)})`;
}

function thresholdText({
  similarityThreshold,
  falseMatchRate,
  calibrationDataset,
}: AssessmentReport): string {
  if (similarityThreshold === undefined) return 'the candidate has none at the false match rate in force';
  const rate = falseMatchRateText(falseMatchRate);
  const from = calibrationDataset === '' ? 'faces held out' : idIn(calibrationDataset);
  return `${similarityThreshold.toFixed(4)} at a false match rate of ${rate}, from ${from}`;
}
