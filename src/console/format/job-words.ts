import { idIn } from './names.js';
import { ActivationPhase } from '../generated/symface/v1/activation_pb.js';
import { AssessmentPhase, AssessmentVerdict } from '../generated/symface/v1/assessment_pb.js';
import { KeyRotationPhase } from '../generated/symface/v1/encryption_pb.js';
import { IndexingPhase } from '../generated/symface/v1/indexing_pb.js';
import { type Job, JobKind, JobState } from '../generated/symface/v1/job_service_pb.js';
import { TrainingOutcome, TrainingPhase } from '../generated/symface/v1/training_pb.js';

export const kindNames: Readonly<Record<JobKind, string>> = {
  [JobKind.UNSPECIFIED]: 'All kinds',
  [JobKind.TRAINING]: 'Training',
  [JobKind.ASSESSMENT]: 'Assessment',
  [JobKind.ACTIVATION]: 'Activation',
  [JobKind.BENCHMARK]: 'Benchmark',
  [JobKind.KEY_ROTATION]: 'Key rotation',
  [JobKind.INDEXING]: 'Indexing',
};

export const stateNames: Readonly<Record<JobState, string>> = {
  [JobState.UNSPECIFIED]: 'Any state',
  [JobState.QUEUED]: 'queued',
  [JobState.RUNNING]: 'running',
  [JobState.SUCCEEDED]: 'succeeded',
  [JobState.FAILED]: 'failed',
  [JobState.CANCELLED]: 'cancelled',
};

export const trainingPhaseNames: Readonly<Record<TrainingPhase, string>> = {
  [TrainingPhase.UNSPECIFIED]: '',
  [TrainingPhase.COLLECTING]: 'Collecting faces',
  [TrainingPhase.PREPARING]: 'Measuring the parent',
  [TrainingPhase.TRAINING]: 'Training',
  [TrainingPhase.CHOOSING]: 'Choosing how far to go',
  [TrainingPhase.REGISTERING]: 'Registering the candidate',
};

const assessmentPhaseNames: Readonly<Record<AssessmentPhase, string>> = {
  [AssessmentPhase.UNSPECIFIED]: '',
  [AssessmentPhase.LOADING]: 'Loading both models',
  [AssessmentPhase.HELD_OUT]: 'Comparing on identities held out',
  [AssessmentPhase.BENCHMARKS]: 'Comparing on data sets',
  [AssessmentPhase.TIMING]: 'Timing both models',
  [AssessmentPhase.CALIBRATING]: 'Finding a threshold',
};

const activationPhaseNames: Readonly<Record<ActivationPhase, string>> = {
  [ActivationPhase.UNSPECIFIED]: '',
  [ActivationPhase.LOADING]: 'Loading the model',
  [ActivationPhase.RE_EMBEDDING]: 'Embedding every face anew',
  [ActivationPhase.SWITCHING]: 'Going over to it',
  [ActivationPhase.REMOVING]: 'Removing old templates',
};

const keyRotationPhaseNames: Readonly<Record<KeyRotationPhase, string>> = {
  [KeyRotationPhase.UNSPECIFIED]: '',
  [KeyRotationPhase.SEALING]: 'Sealing by the new key',
  [KeyRotationPhase.WAITING]: 'Waiting until nothing needs the old keys',
};

const indexingPhaseNames: Readonly<Record<IndexingPhase, string>> = {
  [IndexingPhase.UNSPECIFIED]: '',
  [IndexingPhase.FILLING]: 'Writing the templates',
  [IndexingPhase.BUILDING]: 'Making the index',
  [IndexingPhase.REMOVING]: 'Removing the index',
};

/** Whether it goes on or waits. */
export function isOpen({ endTime }: Job): boolean {
  return endTime === '';
}

/** The id of the model that a job is about. */
export function modelOf({ work }: Job): string {
  switch (work.case) {
    case 'training':
      return idIn(work.value.parentModelVersion);
    case 'assessment':
    case 'activation':
    case 'benchmarkRun':
      return idIn(work.value.modelVersion);
    default:
      return '';
  }
}

/** What came of a job, in a word; empty where its state says all. */
export function outcomeOf({ work }: Job): string {
  if (work.case === 'assessment') {
    if (work.value.verdict === AssessmentVerdict.PASSED) return 'passed';
    return work.value.verdict === AssessmentVerdict.REJECTED ? 'rejected' : '';
  }
  if (work.case !== 'training' || work.value.result === undefined) return '';
  return work.value.result.outcome === TrainingOutcome.NOTHING_TO_GAIN ? 'nothing to gain' : 'candidate';
}

/** How far a job is: what it does, and how much of it. */
export interface JobProgress {
  readonly phase: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  readonly unit: string;
  /** How long it goes on, where the service says so. */
  readonly remainingMs?: number;
}

const notBegun: JobProgress = { phase: '', done: 0, total: 0, unit: '' };

export function progressOf({ work }: Job): JobProgress {
  switch (work.case) {
    case 'training': {
      const { progress } = work.value;
      if (progress === undefined) return notBegun;
      const { phase, measuredNetworkCount, networkCount, finishedStepCount, stepCount } = progress;
      const named = { phase: trainingPhaseNames[phase] };
      if (phase === TrainingPhase.CHOOSING) {
        return { ...named, done: measuredNetworkCount, total: networkCount, unit: 'networks' };
      }
      const total = phase === TrainingPhase.TRAINING ? stepCount : 0;
      return { ...named, done: finishedStepCount, total, unit: 'steps' };
    }
    case 'assessment': {
      const { phase, finishedFaceCount: done, faceCount: total } = work.value;
      return { phase: assessmentPhaseNames[phase], done, total, unit: 'faces' };
    }
    case 'activation': {
      const { phase, embeddedFaceCount: done, faceCount: total } = work.value;
      return { phase: activationPhaseNames[phase], done, total, unit: 'faces' };
    }
    case 'benchmarkRun': {
      const { finishedImageCount: done, imageCount: total, remainingSeconds } = work.value;
      const measuring = { phase: 'Measuring images', done, total, unit: 'images' };
      return remainingSeconds === undefined
        ? measuring
        : { ...measuring, remainingMs: 1000 * remainingSeconds };
    }
    case 'keyRotation': {
      const { phase, sealedValueCount: done, valueCount: total } = work.value;
      return { phase: keyRotationPhaseNames[phase], done, total, unit: 'values' };
    }
    case 'indexing': {
      const { phase, finishedTemplateCount, templateCount } = work.value;
      const [done, total] = [Number(finishedTemplateCount), Number(templateCount)];
      return { phase: indexingPhaseNames[phase], done, total, unit: 'templates' };
    }
    default:
      return notBegun;
  }
}
