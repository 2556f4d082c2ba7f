import type { Job } from '../../jobs/job.js';
import type { JobDetail } from '../../jobs/job-type.js';
import type { TrainingPreview } from './create-training.js';
import type { TrainingDataCounts } from './training-data-counts.js';
import { lossMessage, type RetrainingLoss, retrainingLosses } from './retraining-losses.js';
import { type RetrainingPolicy, retrainingSettingNames } from './retraining-policy.js';
import {
  parentFiguresOf,
  type ShareChoice as Choice,
  type TrainingCurve as Curve,
  type TrainingDataSummary,
  trainingInputOf,
  type TrainingOutput,
  trainingOutputOf,
  type TrainingPhase as Phase,
  type TrainingProgress as Progress,
  trainingProgressOf,
  type VerificationFigures as Figures,
} from './training-job.js';
import type { ShareChoice } from '../../../generated/symface/v1/ShareChoice.js';
import type { ShareFigures } from '../../../generated/symface/v1/ShareFigures.js';
import type { Training } from '../../../generated/symface/v1/Training.js';
import type { TrainingCurve } from '../../../generated/symface/v1/TrainingCurve.js';
import type { TrainingData } from '../../../generated/symface/v1/TrainingData.js';
import type { TrainingLoss__Output } from '../../../generated/symface/v1/TrainingLoss.js';
import type { TrainingPhase } from '../../../generated/symface/v1/TrainingPhase.js';
import type { TrainingPolicy, TrainingPolicy__Output } from '../../../generated/symface/v1/TrainingPolicy.js';
import type { TrainingProgress } from '../../../generated/symface/v1/TrainingProgress.js';
import type { TrainingResult } from '../../../generated/symface/v1/TrainingResult.js';
import type { VerificationFigures } from '../../../generated/symface/v1/VerificationFigures.js';
import { jobName, modelName } from '../../platform/grpc/resource-names.js';
import { invalidField } from '../../../core/invalid-field.js';

const phases: Readonly<Record<Phase, TrainingPhase>> = {
  collecting: 'TRAINING_PHASE_COLLECTING',
  preparing: 'TRAINING_PHASE_PREPARING',
  training: 'TRAINING_PHASE_TRAINING',
  choosing: 'TRAINING_PHASE_CHOOSING',
  registering: 'TRAINING_PHASE_REGISTERING',
};

/** What a request says of the policy; whether it makes sense is the domain's to say. @throws Failure INVALID_ARGUMENT */
export function readPolicy(policy: TrainingPolicy__Output | null): Partial<RetrainingPolicy> {
  if (policy === null) return {};
  const loss = readLoss(policy.loss);
  const stated: { -readonly [Name in keyof RetrainingPolicy]?: RetrainingPolicy[Name] } = {};
  for (const name of retrainingSettingNames) {
    const value = policy[name];
    if (value !== undefined) stated[name] = value;
  }
  const { findLearningRate } = policy;
  return { ...stated, ...(loss !== undefined && { loss }), ...(findLearningRate && { findLearningRate }) };
}

function readLoss(loss: TrainingLoss__Output): RetrainingLoss | undefined {
  if (loss === 'TRAINING_LOSS_UNSPECIFIED') return undefined;
  const found = retrainingLosses.find((name) => lossMessage(name) === loss);
  if (found === undefined) throw invalidField('policy.loss', 'is not a known TrainingLoss');
  return found;
}

export function toPolicyMessage({ loss, ...policy }: Partial<RetrainingPolicy>): TrainingPolicy {
  return { ...policy, ...(loss !== undefined && { loss: lossMessage(loss) }) };
}

/** What clients see of the work of a training job. */
export function toTrainingMessage(job: Job, detail: JobDetail): Training {
  const { parent, policy, activateWhenPassed } = trainingInputOf(job);
  const progress = trainingProgressOf(job);
  const output = trainingOutputOf(job);
  return {
    parentModelVersion: modelName(parent),
    policy: toPolicyMessage(policy),
    activateWhenPassed,
    progress: progress === undefined ? null : toProgressMessage(progress, detail),
    result: output === undefined ? null : toResultMessage(output, policy),
  };
}

function toProgressMessage(progress: Progress, detail: JobDetail): TrainingProgress {
  const { phase, data, steps, choosing, curve } = progress;
  const parentFigures = parentFiguresOf(progress);
  return {
    phase: phases[phase],
    data: data === undefined ? null : toDataMessage(data),
    parentFigures: parentFigures === undefined ? null : toMetricsMessage(parentFigures),
    networkCount: choosing?.networks ?? 0,
    measuredNetworkCount: choosing?.measured ?? 0,
    curve: curve === undefined || detail === 'summary' ? null : toCurveMessage(curve),
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

function toCurveMessage({ points, heldOut }: Curve): TrainingCurve {
  return {
    points: points.map((point) => ({ ...point })),
    heldOut: heldOut.map(({ step, ...figures }) => ({ step, figures: toMetricsMessage(figures) })),
  };
}

function toResultMessage(
  output: TrainingOutput,
  { trainedShare, learningRate }: RetrainingPolicy,
): TrainingResult {
  const { candidateFigures, choice } = output;
  return {
    ...cameOf(output),
    data: toDataMessage(output.data),
    stepCount: output.steps,
    parentFigures: toMetricsMessage(output.parentFigures),
    candidateFigures: candidateFigures === undefined ? null : toMetricsMessage(candidateFigures),
    assessment: output.assessment === undefined ? '' : jobName(output.assessment),
    shareOfTheWay: choice?.trainedShare ?? trainedShare ?? 1,
    choice: choice === undefined ? null : toChoiceMessage(choice),
    projected: choice?.isProjected === true,
    learningRate: output.learningRate ?? learningRate,
  };
}

function cameOf({ modelVersion }: TrainingOutput): Pick<TrainingResult, 'outcome' | 'modelVersion'> {
  if (modelVersion === undefined) return { outcome: 'TRAINING_OUTCOME_NOTHING_TO_GAIN', modelVersion: '' };
  return { outcome: 'TRAINING_OUTCOME_CANDIDATE', modelVersion: modelName(modelVersion) };
}

function toChoiceMessage({ shares, ...choice }: Choice): ShareChoice {
  const { falseMatchRate, askedFalseMatchRate, identityCount, faceCount } = choice;
  const { genuinePairCount, impostorPairCount, gate = null, smoothingPixels = 0 } = choice;
  return {
    falseMatchRate,
    requestedFalseMatchRate: askedFalseMatchRate,
    ...{ identityCount, faceCount, genuinePairCount, impostorPairCount },
    shares: shares.map(toShareMessage),
    gate,
    smoothingPixels,
  };
}

function toShareMessage(of: Choice['shares'][number]): ShareFigures {
  const { trueAcceptRate, gain, equalErrorRate, isProjected = false } = of;
  return {
    share: of.trainedShare,
    projected: isProjected,
    ...{ trueAcceptRate, gain, equalErrorRate },
    gainInterval: of.gainInterval ?? null,
    equalErrorRateChangeInterval: of.errorChangeInterval ?? null,
  };
}

function toDataMessage({ counts, heldOutIdentities, digest }: TrainingDataSummary): TrainingData {
  return { ...toPreviewMessage({ counts, heldOutIdentities }), digest };
}

/** Faces that are not taken yet: there is no digest. */
export function toPreviewMessage({ counts, heldOutIdentities }: TrainingPreview): TrainingData {
  return { ...toCountsMessage(counts), heldOutIdentityCount: heldOutIdentities };
}

/** Faces that nobody enrolled: nobody is held out, and there is no digest. */
function toCountsMessage(counts: TrainingDataCounts): TrainingData {
  return {
    enrolledIdentityCount: counts.enrolledIdentities,
    enrolledFaceCount: counts.enrolledFaces,
    consentingIdentityCount: counts.consentingIdentities,
    consentingFaceCount: counts.consentingFaces,
    identityCount: counts.identities,
    faceCount: counts.faces,
    frontalFaceCount: counts.frontalFaces,
  };
}

export function toMetricsMessage({ trueAcceptRates, halves, ...figures }: Figures): VerificationFigures {
  return {
    ...figures,
    trueAcceptRates: trueAcceptRates.map((rate) => ({ ...rate })),
    halves: halves ?? null,
  };
}
