import type { Assessment as DomainAssessment, MeasuredComparison } from './assessment.js';
import {
  assessmentOrderOf,
  type AssessmentResult,
  assessmentOutcomeOf,
  type AssessmentPhase as Phase,
  assessmentProgressOf,
} from './assessment-job.js';
import type { AssessmentPolicy as Policy, HeldOutRule as Rule } from './assessment-policy.js';
import type { Job } from '../../jobs/job.js';
import type { Assessment } from '../../../generated/symface/v1/Assessment.js';
import type { AssessmentPhase } from '../../../generated/symface/v1/AssessmentPhase.js';
import type {
  AssessmentPolicy,
  AssessmentPolicy__Output,
} from '../../../generated/symface/v1/AssessmentPolicy.js';
import type { AssessmentReport } from '../../../generated/symface/v1/AssessmentReport.js';
import type { HeldOutRule, HeldOutRule__Output } from '../../../generated/symface/v1/HeldOutRule.js';
import type { ModelComparison } from '../../../generated/symface/v1/ModelComparison.js';
import { toErrorMessage } from '../../jobs/job-messages.js';
import {
  benchmarkRunName,
  datasetId,
  datasetName,
  jobName,
  modelName,
} from '../../platform/grpc/resource-names.js';
import { invalidField } from '../../../core/invalid-field.js';
import { toMetricsMessage } from '../retraining/training-messages.js';

const phases: Readonly<Record<Phase, AssessmentPhase>> = {
  loading: 'ASSESSMENT_PHASE_LOADING',
  'held-out': 'ASSESSMENT_PHASE_HELD_OUT',
  benchmarks: 'ASSESSMENT_PHASE_BENCHMARKS',
  timing: 'ASSESSMENT_PHASE_TIMING',
  calibrating: 'ASSESSMENT_PHASE_CALIBRATING',
};

const rules: Readonly<Record<Rule, HeldOutRule>> = {
  better: 'HELD_OUT_RULE_BETTER',
  'better-beyond-chance': 'HELD_OUT_RULE_BETTER_BEYOND_CHANCE',
  'not-worse': 'HELD_OUT_RULE_NOT_WORSE',
  ignored: 'HELD_OUT_RULE_IGNORED',
};

/** What a request says of the policy; whether it makes sense is the domain's to say. @throws Failure INVALID_ARGUMENT */
export function readAssessmentPolicy(policy: AssessmentPolicy__Output | null): Partial<Policy> {
  if (policy === null) return {};
  const { datasets, heldOutPairCount, maximumLatencyRatio, maximumSizeRatio } = policy;
  const { requireCalibration } = policy;
  const stated = Object.entries({
    datasets: datasets.length === 0 ? undefined : datasets.map((name) => datasetId(name, 'policy.datasets')),
    heldOut: readRule(policy.heldOut),
    heldOutPairs: heldOutPairCount,
    maximumLatencyRatio,
    maximumSizeRatio,
    requireCalibration,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated);
}

function readRule(rule: HeldOutRule__Output): Rule | undefined {
  if (rule === 'HELD_OUT_RULE_UNSPECIFIED') return undefined;
  const found = Object.entries(rules).find(([, message]) => message === rule);
  if (found === undefined) throw invalidField('policy.held_out', 'is not a known HeldOutRule');
  return found[0] as Rule;
}

/** What clients see of the work of an assessment job. */
export function toAssessmentMessage(job: Job): Assessment {
  const { candidate, policy, activateWhenPassed } = assessmentOrderOf(job);
  const progress = assessmentProgressOf(job);
  const outcome = assessmentOutcomeOf(job);
  const baseline = outcome?.assessment.baseline ?? progress?.baseline;
  return {
    modelVersion: modelName(candidate),
    baselineModelVersion: baseline === undefined ? '' : modelName(baseline),
    policy: toPolicyMessage(policy),
    activateWhenPassed,
    phase: progress === undefined ? 'ASSESSMENT_PHASE_UNSPECIFIED' : phases[progress.phase],
    finishedFaceCount: progress?.done ?? 0,
    faceCount: progress?.total ?? 0,
    ...(outcome !== undefined && {
      verdict: outcome.hasPassed ? 'ASSESSMENT_VERDICT_PASSED' : 'ASSESSMENT_VERDICT_REJECTED',
      report: toReportMessage(outcome),
      ...activationOf(outcome),
    }),
  };
}

function activationOf({ activation }: AssessmentResult): Pick<Assessment, 'activation' | 'activationError'> {
  if (activation === undefined) return {};
  return 'id' in activation
    ? { activation: jobName(activation.id) }
    : { activationError: toErrorMessage(activation.failure) };
}

function toPolicyMessage({ datasets = [], heldOut, heldOutPairs, ...policy }: Policy): AssessmentPolicy {
  return {
    ...policy,
    datasets: datasets.map(datasetName),
    heldOut: rules[heldOut],
    heldOutPairCount: heldOutPairs,
  };
}

function toReportMessage({ assessment, checks }: AssessmentResult): AssessmentReport {
  const { heldOut, benchmarks, latencyMs, sizeBytes } = assessment;
  return {
    heldOut: heldOut === undefined ? null : toHeldOutMessage(heldOut),
    benchmarks: benchmarks.map(({ datasetId: id, baselineRun, candidateRun, ...measured }) => ({
      ...toComparisonMessage(measured),
      dataset: datasetName(id),
      baselineBenchmarkRun: benchmarkRunName(baselineRun),
      candidateBenchmarkRun: benchmarkRunName(candidateRun),
    })),
    baselineLatencyMs: latencyMs.baseline,
    candidateLatencyMs: latencyMs.candidate,
    baselineSizeBytes: sizeBytes.baseline,
    candidateSizeBytes: sizeBytes.candidate,
    ...calibrationOf(assessment),
    checks: checks.map(({ name, datasetId: id, hasPassed, finding }) => ({
      check: name,
      dataset: id === undefined ? '' : datasetName(id),
      passed: hasPassed,
      finding,
    })),
  };
}

function toHeldOutMessage(heldOut: NonNullable<DomainAssessment['heldOut']>): ModelComparison {
  const { identityCount, faceCount } = heldOut;
  return { ...toComparisonMessage(heldOut), identityCount, faceCount };
}

function toComparisonMessage({ baseline, candidate, difference }: MeasuredComparison): ModelComparison {
  const { pairCount, accuracyDifference, accuracyInterval, pValue } = difference;
  return {
    baseline: toMetricsMessage(baseline),
    candidate: toMetricsMessage(candidate),
    pairCount,
    accuracyDifference,
    accuracyDifferenceInterval: accuracyInterval ?? null,
    pValue,
  };
}

function calibrationOf({ calibration }: DomainAssessment): Partial<AssessmentReport> {
  if ('refusal' in calibration) return {};
  const { datasetId: id, similarityThreshold, falseMatchRate } = calibration;
  const calibrationDataset = id === undefined ? '' : datasetName(id);
  return { similarityThreshold, falseMatchRate, calibrationDataset };
}
