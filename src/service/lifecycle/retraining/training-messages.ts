import { Failure } from '../../../core/failure.js';
import type { Job, JobState } from '../../jobs/job.js';
import type { RetrainingLoss, RetrainingPolicy } from './retraining-policy.js';
import {
  type TrainingDataSummary,
  trainingInputOf,
  type TrainingOutput,
  type TrainingPhase as Phase,
  type TrainingProgress as Progress,
  type VerificationFigures as Figures,
} from './training-job.js';
import type { TrainingData } from '../../../generated/symface/v1/TrainingData.js';
import type { TrainingJob } from '../../../generated/symface/v1/TrainingJob.js';
import type { TrainingJobState } from '../../../generated/symface/v1/TrainingJobState.js';
import type { TrainingLoss, TrainingLoss__Output } from '../../../generated/symface/v1/TrainingLoss.js';
import type { TrainingPhase } from '../../../generated/symface/v1/TrainingPhase.js';
import type { TrainingPolicy, TrainingPolicy__Output } from '../../../generated/symface/v1/TrainingPolicy.js';
import type { TrainingProgress } from '../../../generated/symface/v1/TrainingProgress.js';
import type { TrainingResult } from '../../../generated/symface/v1/TrainingResult.js';
import type { VerificationFigures } from '../../../generated/symface/v1/VerificationFigures.js';
import { modelName } from '../../models/model-messages.js';
import { invalidField, readUuidName } from '../../platform/grpc/request-fields.js';
import { richStatus } from '../../platform/grpc/rich-status.js';

const collection = 'trainingJobs';

const states: Readonly<Record<JobState, TrainingJobState>> = {
  queued: 'TRAINING_JOB_STATE_QUEUED',
  running: 'TRAINING_JOB_STATE_RUNNING',
  succeeded: 'TRAINING_JOB_STATE_SUCCEEDED',
  failed: 'TRAINING_JOB_STATE_FAILED',
  cancelled: 'TRAINING_JOB_STATE_CANCELLED',
};

const phases: Readonly<Record<Phase, TrainingPhase>> = {
  collecting: 'TRAINING_PHASE_COLLECTING',
  preparing: 'TRAINING_PHASE_PREPARING',
  training: 'TRAINING_PHASE_TRAINING',
  registering: 'TRAINING_PHASE_REGISTERING',
};

const losses: Readonly<Record<RetrainingLoss, TrainingLoss>> = {
  arcface: 'TRAINING_LOSS_ARCFACE',
  cosface: 'TRAINING_LOSS_COSFACE',
  adaface: 'TRAINING_LOSS_ADAFACE',
};

/** @throws Failure INVALID_ARGUMENT unless the name is "trainingJobs/{id}" */
export function trainingJobId(name: string): string {
  return readUuidName(name, collection, 'name');
}

export function trainingJobName(id: string): string {
  return `${collection}/${id}`;
}

/** What a request says of the policy; whether it makes sense is the domain's to say. @throws Failure INVALID_ARGUMENT */
export function readPolicy(policy: TrainingPolicy__Output | null): Partial<RetrainingPolicy> {
  if (policy === null) return {};
  const {
    minimumIdentities,
    minimumFacesPerIdentity,
    minimumFrontalShare,
    holdOutFraction,
    epochs,
    learningRate,
    batchSize,
    symmetryWeight,
    splitFraction,
    tau,
    seed,
    earlyStoppingPatience,
    replayIdentities,
  } = policy;
  const stated = Object.entries({
    minimumIdentities,
    minimumFacesPerIdentity,
    minimumFrontalShare,
    holdOutFraction,
    epochs,
    learningRate,
    batchSize,
    symmetryWeight,
    splitFraction,
    tau,
    seed,
    earlyStoppingPatience,
    replayIdentities,
    loss: readLoss(policy.loss),
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated);
}

function readLoss(loss: TrainingLoss__Output): RetrainingLoss | undefined {
  if (loss === 'TRAINING_LOSS_UNSPECIFIED') return undefined;
  const found = Object.entries(losses).find(([, message]) => message === loss);
  if (found === undefined) throw invalidField('policy.loss', 'is not a known TrainingLoss');
  return found[0] as RetrainingLoss;
}

export function toPolicyMessage({ loss, ...policy }: Partial<RetrainingPolicy>): TrainingPolicy {
  return { ...policy, ...(loss !== undefined && { loss: losses[loss] }) };
}

export function toTrainingJobMessage(job: Job): TrainingJob {
  const { parent, policy, actor } = trainingInputOf(job.input);
  const progress = job.progress as unknown as Progress | null;
  const output = job.output as unknown as TrainingOutput | null;
  return {
    name: trainingJobName(job.id),
    state: states[job.state],
    parentModelVersion: modelName(parent),
    policy: toPolicyMessage(policy),
    actor,
    attempt: job.attempt,
    cancelRequested: job.cancelRequested,
    progress: progress && toProgressMessage(progress),
    result: output && toResultMessage(output),
    error: job.failure === undefined ? null : richStatus(failureOf(job.failure)),
    createTime: job.createTime.toISOString(),
    startTime: job.startTime?.toISOString() ?? '',
    endTime: job.endTime?.toISOString() ?? '',
  };
}

/** Undefined for a defect. */
function failureOf({ reason, message }: NonNullable<Job['failure']>): Failure | undefined {
  return reason === undefined ? undefined : new Failure(reason, message);
}

function toProgressMessage({ phase, data, steps, parentFigures }: Progress): TrainingProgress {
  return {
    phase: phases[phase],
    data: data === undefined ? null : toDataMessage(data),
    parentFigures: parentFigures === undefined ? null : toFiguresMessage(parentFigures),
    ...(steps !== undefined && {
      stepCount: steps.total,
      finishedStepCount: steps.done,
      epoch: steps.epoch,
      epochCount: steps.epochs,
      loss: steps.loss,
      faceLoss: steps.faceLoss,
      symmetryLoss: steps.symmetryLoss,
      imagesPerSecond: steps.imagesPerSecond,
    }),
  };
}

function toResultMessage(output: TrainingOutput): TrainingResult {
  return {
    modelVersion: modelName(output.modelVersion),
    data: toDataMessage(output.data),
    stepCount: output.steps,
    parentFigures: toFiguresMessage(output.parentFigures),
    candidateFigures: toFiguresMessage(output.candidateFigures),
    assessment: output.assessment === undefined ? '' : `assessments/${output.assessment}`,
  };
}

function toDataMessage({ counts, heldOutIdentities, digest }: TrainingDataSummary): TrainingData {
  return {
    enrolledIdentityCount: counts.enrolledIdentities,
    enrolledFaceCount: counts.enrolledFaces,
    consentingIdentityCount: counts.consentingIdentities,
    consentingFaceCount: counts.consentingFaces,
    identityCount: counts.identities,
    faceCount: counts.faces,
    frontalFaceCount: counts.frontalFaces,
    heldOutIdentityCount: heldOutIdentities,
    digest,
  };
}

export function toFiguresMessage({ trueAcceptRates, ...figures }: Figures): VerificationFigures {
  return { ...figures, trueAcceptRates: trueAcceptRates.map((rate) => ({ ...rate })) };
}
