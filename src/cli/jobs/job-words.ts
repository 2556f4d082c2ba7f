import type { ActivationPhase__Output } from '../../generated/symface/v1/ActivationPhase.js';
import type { AssessmentPhase__Output } from '../../generated/symface/v1/AssessmentPhase.js';
import type { IndexingPhase__Output } from '../../generated/symface/v1/IndexingPhase.js';
import type { KeyRotationPhase__Output } from '../../generated/symface/v1/KeyRotationPhase.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import type { TrainingPhase__Output } from '../../generated/symface/v1/TrainingPhase.js';

const trainingPhases: Readonly<Record<TrainingPhase__Output, string>> = {
  TRAINING_PHASE_UNSPECIFIED: '',
  TRAINING_PHASE_COLLECTING: 'taking the faces',
  TRAINING_PHASE_PREPARING: 'measuring the parent, and its head',
  TRAINING_PHASE_TRAINING: 'training',
  TRAINING_PHASE_CHOOSING: 'finding how far to go',
  TRAINING_PHASE_REGISTERING: 'registering the candidate',
};

const assessmentPhases: Readonly<Record<AssessmentPhase__Output, string>> = {
  ASSESSMENT_PHASE_UNSPECIFIED: '',
  ASSESSMENT_PHASE_LOADING: 'loading the models',
  ASSESSMENT_PHASE_HELD_OUT: 'enrolled faces held out',
  ASSESSMENT_PHASE_BENCHMARKS: 'benchmarks',
  ASSESSMENT_PHASE_TIMING: 'timing',
  ASSESSMENT_PHASE_CALIBRATING: 'calibrating',
};

const activationPhases: Readonly<Record<ActivationPhase__Output, string>> = {
  ACTIVATION_PHASE_UNSPECIFIED: '',
  ACTIVATION_PHASE_LOADING: 'loading the model',
  ACTIVATION_PHASE_RE_EMBEDDING: 'embedding the enrolled faces anew',
  ACTIVATION_PHASE_SWITCHING: 'going over',
  ACTIVATION_PHASE_REMOVING: 'removing templates of older models',
};

const keyRotationPhases: Readonly<Record<KeyRotationPhase__Output, string>> = {
  KEY_ROTATION_PHASE_UNSPECIFIED: '',
  KEY_ROTATION_PHASE_SEALING: 'sealing by the new key',
  KEY_ROTATION_PHASE_WAITING: 'waiting until nothing needs the old keys',
};

const indexingPhases: Readonly<Record<IndexingPhase__Output, string>> = {
  INDEXING_PHASE_UNSPECIFIED: '',
  INDEXING_PHASE_FILLING: 'writing the templates',
  INDEXING_PHASE_BUILDING: 'making the index',
  INDEXING_PHASE_REMOVING: 'removing the index',
};

export function jobKindWord({ kind }: Pick<Job__Output, 'kind'>): string {
  return kind.replace('JOB_KIND_', '').replaceAll('_', '-').toLowerCase();
}

export function jobStateWord({ state, cancelRequested }: Job__Output): string {
  if (state === 'JOB_STATE_RUNNING' && cancelRequested) return 'being cancelled';
  return state.replace('JOB_STATE_', '').toLowerCase();
}

/** What a job is at; empty where it does not run, or has not said yet. */
export function jobPhaseWord(job: Job__Output): string {
  const { state, training, assessment, activation, benchmarkRun, keyRotation, indexing } = job;
  if (state !== 'JOB_STATE_RUNNING') return '';
  if (training) return trainingPhases[training.progress?.phase ?? 'TRAINING_PHASE_UNSPECIFIED'];
  if (assessment) return assessmentPhases[assessment.phase];
  if (activation) return activationPhases[activation.phase];
  if (keyRotation) return keyRotationPhases[keyRotation.phase];
  if (indexing) return indexingPhases[indexing.phase];
  return benchmarkRun ? 'measuring' : '';
}

/** `passed` or `rejected`; empty of what is no assessment, or has not come to its end. */
export function verdictWord({ assessment }: Pick<Job__Output, 'assessment'>): string {
  const verdict = assessment?.verdict ?? 'ASSESSMENT_VERDICT_UNSPECIFIED';
  if (verdict === 'ASSESSMENT_VERDICT_UNSPECIFIED') return '';
  return verdict.replace('ASSESSMENT_VERDICT_', '').toLowerCase();
}
