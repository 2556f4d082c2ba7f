import { RemoteFailure } from '../../client/remote-failure.js';
import type { TrainingData__Output } from '../../generated/symface/v1/TrainingData.js';
import type { TrainingJob__Output } from '../../generated/symface/v1/TrainingJob.js';
import type { TrainingPhase__Output } from '../../generated/symface/v1/TrainingPhase.js';
import type { TrainingPolicy__Output } from '../../generated/symface/v1/TrainingPolicy.js';
import type { TrainingResult__Output } from '../../generated/symface/v1/TrainingResult.js';
import type { VerificationFigures__Output } from '../../generated/symface/v1/VerificationFigures.js';
import { idIn } from '../enrolment-names.js';
import { tableLines } from './table.js';

const stateWords: Readonly<Record<TrainingJob__Output['state'], string>> = {
  TRAINING_JOB_STATE_UNSPECIFIED: 'unknown',
  TRAINING_JOB_STATE_QUEUED: 'queued',
  TRAINING_JOB_STATE_RUNNING: 'running',
  TRAINING_JOB_STATE_SUCCEEDED: 'succeeded',
  TRAINING_JOB_STATE_FAILED: 'failed',
  TRAINING_JOB_STATE_CANCELLED: 'cancelled',
};

const phaseWords: Readonly<Record<TrainingPhase__Output, string>> = {
  TRAINING_PHASE_UNSPECIFIED: '',
  TRAINING_PHASE_COLLECTING: 'taking the faces',
  TRAINING_PHASE_PREPARING: 'measuring the parent, and its head',
  TRAINING_PHASE_TRAINING: 'training',
  TRAINING_PHASE_REGISTERING: 'registering the candidate',
};

export function trainingStateWord({ state, cancelRequested }: TrainingJob__Output): string {
  const isStopping = state === 'TRAINING_JOB_STATE_RUNNING' && cancelRequested;
  return isStopping ? 'being cancelled' : stateWords[state];
}

export function trainingPhaseWord({ progress }: TrainingJob__Output): string {
  return progress === null ? '' : phaseWords[progress.phase];
}

/** Everything on one training job, for people. */
export function trainingJobLines(job: TrainingJob__Output): readonly string[] {
  const { progress, result, policy, error } = job;
  const data = result?.data ?? progress?.data ?? null;
  const isRunning = job.state === 'TRAINING_JOB_STATE_RUNNING';
  return [
    `${idIn(job.name)}: ${trainingStateWord(job)}${isRunning ? `, ${trainingPhaseWord(job)}` : ''}`,
    `  parent    ${idIn(job.parentModelVersion)}, asked for by ${job.actor}`,
    ...(policy === null ? [] : [`  policy    ${policyText(policy)}`]),
    ...(data === null ? [] : dataLines(data)),
    ...(result === null && progress !== null && progress.stepCount > 0
      ? [
          `  steps     ${progress.finishedStepCount} of ${progress.stepCount}, loss ${progress.loss.toFixed(3)}`,
        ]
      : []),
    ...(result === null ? [] : resultLines(result)),
    ...(error === null
      ? []
      : [`  ${RemoteFailure.fromStatus(error).reason ?? 'INTERNAL'}: ${error.message}`]),
  ];
}

function policyText(policy: TrainingPolicy__Output): string {
  const { epochs = 0, learningRate = 0, batchSize = 0, symmetryWeight = 0 } = policy;
  const { earlyStoppingPatience: patience = 0, replayIdentities } = policy;
  const more = [
    ...(replayIdentities === undefined ? [] : [`replay of at most ${replayIdentities} identities`]),
    ...(patience === 0 ? [] : [`patience ${patience}`]),
  ];
  const loss = policy.loss.replace('TRAINING_LOSS_', '').toLowerCase();
  return `${epochs} epochs, ${loss}, symmetry x${symmetryWeight}, rate ${learningRate}, batches of ${batchSize}${more.map((setting) => `, ${setting}`).join('')}`;
}

function dataLines(data: TrainingData__Output): readonly string[] {
  const { identityCount, heldOutIdentityCount, faceCount, frontalFaceCount } = data;
  return [
    `  faces     ${faceCount} of ${identityCount} identities, ${frontalFaceCount} frontal; ${heldOutIdentityCount} identities held out`,
    `  consent   ${data.consentingFaceCount} of ${data.enrolledFaceCount} enrolled faces`,
  ];
}

function resultLines(result: TrainingResult__Output): readonly string[] {
  const { modelVersion, stepCount, parentFigures, candidateFigures } = result;
  return [
    `  candidate ${idIn(modelVersion)}, ${stepCount} steps`,
    ...(parentFigures === null || candidateFigures === null
      ? []
      : comparisonLines(parentFigures, candidateFigures)),
  ];
}

/** Parent and candidate on the same pairs. */
function comparisonLines(
  parent: VerificationFigures__Output,
  candidate: VerificationFigures__Output,
): readonly string[] {
  const rates = parent.trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => {
    const same = candidate.trueAcceptRates.find((rate) => rate.falseMatchRate === falseMatchRate);
    const after = same === undefined ? '-' : percent(same.trueAcceptRate);
    return [`TAR@FMR=${falseMatchRate.toExponential(0)}`, percent(trueAcceptRate), after];
  });
  const rows = [
    ['accuracy', accuracyText(parent), accuracyText(candidate)],
    ['EER', percent(parent.equalErrorRate), percent(candidate.equalErrorRate)],
    ...rates,
  ];
  return tableLines(['HELD OUT', 'PARENT', 'CANDIDATE'], rows).map((line) => `  ${line}`);
}

function accuracyText({ accuracyMean, accuracyStandardDeviation }: VerificationFigures__Output): string {
  return `${(100 * accuracyMean).toFixed(2)} ± ${percent(accuracyStandardDeviation)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
