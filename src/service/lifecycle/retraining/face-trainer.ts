import type { BackboneManifest, TrainedOnFaces } from '../../../core/models/manifest.js';
import type { TrainingDataCounts } from './training-data-counts.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import type { TrainingSteps } from '../../../training/enrolled-faces/training-steps.js';
import type { ChoosingProgress, ShareChoice, TrainingCurve, VerificationFigures } from './training-job.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';

export interface TrainingTask {
  readonly jobId: string;
  /** The number of the attempt, never the same for two workers. */
  readonly attempt: number;
  readonly parent: RegisteredModel;
  readonly policy: RetrainingPolicy;
  /** The rate that how far to go is found at. */
  readonly falseMatchRate: number;
  /** Of the snapshot. */
  readonly counts: Pick<TrainingDataCounts, 'faces' | 'frontalFaces'>;
}

/** What is told of a training while it goes on. */
export interface TrainingObserver {
  onStep(steps: TrainingSteps): void;
  /** So many of the networks that are chosen among are measured. */
  onChoosing(choosing: ChoosingProgress): void;
  /** How it went so far, once the parent is measured. */
  onCurve(curve: TrainingCurve): void;
}

export interface TrainedModel {
  readonly graph: Uint8Array;
  /** How the graph is used; what it is called is the caller's to say. */
  readonly manifest: BackboneManifest;
  /** The steps that were computed. */
  readonly steps: number;
  readonly parentFigures: VerificationFigures;
  readonly candidateFigures: VerificationFigures;
  /** How far to go, where that was found. */
  readonly choice: ShareChoice | undefined;
  /** The learning rate, where it was found. */
  readonly learningRate: number | undefined;
  /** What was trained on besides the snapshot; undefined where nothing was. */
  readonly replay: TrainedOnFaces | undefined;
}

/**
 * Trains in a process of its own, on the snapshot of faces among the job's artifacts, from the newest checkpoint among
 * them; new ones, the report and the log are put there.
 */
export interface FaceTrainer {
  /**
   * A signal for SHUTTING_DOWN ends it after the step in hand, with a checkpoint; any other at once, and nothing more is
   * written.
   * @throws Failure WORKER_LOST where the process died; DATASET_INVALID, MODEL_INVALID, TRAINING_DIVERGED, OUT_OF_MEMORY,
   *   STORAGE_FULL, DATABASE_UNAVAILABLE, ARTIFACT_DAMAGED; the signal's reason
   */
  train(task: TrainingTask, observer: TrainingObserver, signal: AbortSignal): Promise<TrainedModel>;
  /** Removes what attempts that were killed left on this machine. @param isLeft whether a job's may go */
  removeLeftovers(isLeft: (jobId: string) => Promise<boolean>): Promise<void>;
}
