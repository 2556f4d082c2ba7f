import type { AssessmentRun } from './manage-assessments.js';
import type { Assessment as DomainAssessment, MeasuredComparison } from './assessment.js';
import type { AssessmentOutcome, AssessmentPhase as Phase } from './assessment-job.js';
import type { AssessmentPolicy as Policy, HeldOutRule as Rule } from './assessment-policy.js';
import { Failure } from '../../../core/failure.js';
import type { Assessment } from '../../../generated/symface/v1/Assessment.js';
import type { AssessmentPhase } from '../../../generated/symface/v1/AssessmentPhase.js';
import type {
  AssessmentPolicy,
  AssessmentPolicy__Output,
} from '../../../generated/symface/v1/AssessmentPolicy.js';
import type { AssessmentReport } from '../../../generated/symface/v1/AssessmentReport.js';
import type { AssessmentState } from '../../../generated/symface/v1/AssessmentState.js';
import type { HeldOutRule, HeldOutRule__Output } from '../../../generated/symface/v1/HeldOutRule.js';
import type { ModelComparison } from '../../../generated/symface/v1/ModelComparison.js';
import { datasetId } from '../../evaluation/evaluation-messages.js';
import { modelName } from '../../models/model-messages.js';
import { invalidField, readUuidName } from '../../platform/grpc/request-fields.js';
import { richStatus } from '../../platform/grpc/rich-status.js';
import { toFiguresMessage } from '../retraining/training-messages.js';

const collection = 'assessments';

const phases: Readonly<Record<Phase, AssessmentPhase>> = {
  loading: 'ASSESSMENT_PHASE_LOADING',
  'held-out': 'ASSESSMENT_PHASE_HELD_OUT',
  benchmarks: 'ASSESSMENT_PHASE_BENCHMARKS',
  timing: 'ASSESSMENT_PHASE_TIMING',
};

const rules: Readonly<Record<Rule, HeldOutRule>> = {
  better: 'HELD_OUT_RULE_BETTER',
  'better-beyond-chance': 'HELD_OUT_RULE_BETTER_BEYOND_CHANCE',
  'not-worse': 'HELD_OUT_RULE_NOT_WORSE',
  ignored: 'HELD_OUT_RULE_IGNORED',
};

function assessmentName(id: string): string {
  return `${collection}/${id}`;
}

/** @throws Failure INVALID_ARGUMENT unless the name is "assessments/{id}" */
export function assessmentId(name: string): string {
  return readUuidName(name, collection, 'name');
}

/** What a request says of the policy; whether it makes sense is the domain's to say. @throws Failure INVALID_ARGUMENT */
export function readAssessmentPolicy(policy: AssessmentPolicy__Output | null): Partial<Policy> {
  if (policy === null) return {};
  const { datasets, heldOutPairCount, maximumLatencyRatio, maximumSizeRatio } = policy;
  const { requireCalibration, falseMatchRate } = policy;
  const stated = Object.entries({
    datasets: datasets.length === 0 ? undefined : datasets.map((name) => datasetId(name, 'policy.datasets')),
    heldOut: readRule(policy.heldOut),
    heldOutPairs: heldOutPairCount,
    maximumLatencyRatio,
    maximumSizeRatio,
    requireCalibration,
    falseMatchRate,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated);
}

function readRule(rule: HeldOutRule__Output): Rule | undefined {
  if (rule === 'HELD_OUT_RULE_UNSPECIFIED') return undefined;
  const found = Object.entries(rules).find(([, message]) => message === rule);
  if (found === undefined) throw invalidField('policy.held_out', 'is not a known HeldOutRule');
  return found[0] as Rule;
}

export function toAssessmentMessage({ job, order, progress, outcome }: AssessmentRun): Assessment {
  const baseline = outcome?.assessment.baseline ?? progress?.baseline;
  return {
    name: assessmentName(job.id),
    state: stateOf(job.state, outcome),
    phase: progress === undefined ? 'ASSESSMENT_PHASE_UNSPECIFIED' : phases[progress.phase],
    modelVersion: modelName(order.candidate),
    baselineModelVersion: baseline === undefined ? '' : modelName(baseline),
    policy: toPolicyMessage(order.policy),
    activates: order.activates,
    actor: order.actor,
    finishedFaceCount: progress?.done ?? 0,
    faceCount: progress?.total ?? 0,
    report: outcome === undefined ? null : toReportMessage(outcome),
    ...activationOf(outcome),
    error: job.failure === undefined || outcome !== undefined ? null : richStatus(failureOf(job.failure)),
    createTime: job.createTime.toISOString(),
    endTime: job.endTime?.toISOString() ?? '',
  };
}

function stateOf(
  state: AssessmentRun['job']['state'],
  outcome: AssessmentOutcome | undefined,
): AssessmentState {
  if (outcome !== undefined) {
    return outcome.hasPassed ? 'ASSESSMENT_STATE_PASSED' : 'ASSESSMENT_STATE_REJECTED';
  }
  switch (state) {
    case 'queued':
      return 'ASSESSMENT_STATE_QUEUED';
    case 'running':
      return 'ASSESSMENT_STATE_RUNNING';
    case 'cancelled':
      return 'ASSESSMENT_STATE_CANCELLED';
    default:
      return 'ASSESSMENT_STATE_FAILED';
  }
}

/** Undefined for a defect. */
function failureOf({ reason, message }: NonNullable<AssessmentRun['job']['failure']>): Failure | undefined {
  return reason === undefined ? undefined : new Failure(reason, message);
}

function activationOf(
  outcome: AssessmentOutcome | undefined,
): Pick<Assessment, 'activation' | 'activationRefusal'> {
  const activation = outcome?.activation;
  if (activation === undefined) return { activation: '', activationRefusal: '' };
  return 'id' in activation
    ? { activation: `activations/${activation.id}`, activationRefusal: '' }
    : { activation: '', activationRefusal: activation.refusal };
}

function toPolicyMessage({
  datasets = [],
  heldOut,
  heldOutPairs,
  falseMatchRate,
  ...policy
}: Policy): AssessmentPolicy {
  return {
    ...policy,
    ...(falseMatchRate !== undefined && { falseMatchRate }),
    datasets: datasets.map((id) => `datasets/${id}`),
    heldOut: rules[heldOut],
    heldOutPairCount: heldOutPairs,
  };
}

function toReportMessage({ assessment, checks }: AssessmentOutcome): AssessmentReport {
  const { heldOut, benchmarks, latencyMs, sizeBytes } = assessment;
  return {
    heldOut: heldOut === undefined ? null : toHeldOutMessage(heldOut),
    benchmarks: benchmarks.map(({ datasetId: id, baselineEvaluation, candidateEvaluation, ...measured }) => ({
      ...toComparisonMessage(measured),
      dataset: `datasets/${id}`,
      baselineEvaluation: `evaluations/${baselineEvaluation}`,
      candidateEvaluation: `evaluations/${candidateEvaluation}`,
    })),
    baselineLatencyMs: latencyMs.baseline,
    candidateLatencyMs: latencyMs.candidate,
    baselineSizeBytes: sizeBytes.baseline,
    candidateSizeBytes: sizeBytes.candidate,
    ...calibrationOf(assessment),
    checks: checks.map(({ name, datasetId: id, hasPassed, finding }) => ({
      check: name,
      dataset: id === undefined ? '' : `datasets/${id}`,
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
    baseline: toFiguresMessage(baseline),
    candidate: toFiguresMessage(candidate),
    pairCount,
    accuracyDifference,
    accuracyDifferenceInterval: accuracyInterval ?? null,
    pValue,
  };
}

function calibrationOf({ calibration }: DomainAssessment): Partial<AssessmentReport> {
  if ('refusal' in calibration) return {};
  const { datasetId: id, similarityThreshold, falseMatchRate } = calibration;
  return { similarityThreshold, falseMatchRate, calibrationDataset: `datasets/${id}` };
}
