import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';

/** All that a step changes: what a checkpoint holds, together with the place in the data. */
export interface TrainingState {
  /** Parameters and running statistics of the backbone, and the head's class weights where there are. */
  readonly weights: Weights;
  /** Momentum of SGD, one array for each parameter. */
  readonly velocities: Weights;
  /** Running statistics of the face loss; see FaceLossState. */
  readonly lossState: Readonly<Record<string, number>>;
  /** Sums of gradients, one for each parameter, in the middle of an accumulation only. */
  readonly gradients?: Weights;
}

/** What a step tells, all before its update. */
export interface StepReport {
  /** L_total (Eq. 12), with L_d where there is a teacher */
  readonly loss: number;
  /** L_f (Eq. 11); 0 where there is no face loss */
  readonly faceLoss: number;
  /** L_ρ (Eq. 10), without its factor */
  readonly symmetryLoss: number;
  /** L_d, without its factor; absent where there is no teacher */
  readonly distillationLoss?: number;
  /** Euclidean norm of the gradient of all parameters, before clipping; averaged over the batches of the step so far */
  readonly gradientNorm: number;
}

/** The place of a batch among those whose gradients make up one step of descent. */
export interface Accumulation {
  /** How many batches that step has; their gradients are averaged. */
  readonly batchCount: number;
  /** Whether the step is taken after this batch; before, gradients are only summed. */
  readonly isLast: boolean;
}

/** A batch, and how it is descended on. */
export interface PlannedBatch {
  readonly batch: TrainingBatch;
  readonly learningRate: number;
  readonly accumulation: Accumulation;
}

/** Computes training steps, and holds the state between them. */
export interface TrainingEngine {
  /**
   * Gradient descent on one batch, or one of the batches that make up a step. Where a figure is not finite the state is what it was.
   * @throws Failure TRAINING_DIVERGED naming the figure; OUT_OF_MEMORY
   */
  step(batch: TrainingBatch, learningRate: number, accumulation?: Accumulation): Promise<StepReport>;
  /**
   * As {@link TrainingEngine.step} on one after the other, of up to {@link TrainingEngine.batchesPerRun}.
   * @returns reports of the first ones, of one at least: where there are fewer than batches, the next one is to be given again,
   *   and may be one that throws
   */
  steps?(batches: readonly PlannedBatch[]): Promise<readonly StepReport[]>;
  /** How many batches it is best given at once. Default: 1 */
  readonly batchesPerRun?: number;
  /**
   * Takes part in a step that other processes have batches of, and this one has not.
   * @throws as {@link TrainingEngine.step}; RangeError where it trains alone
   */
  stepWithoutBatch?(learningRate: number, accumulation: Accumulation): Promise<StepReport>;
  /** Whether gradients that are summed up are in no state, so that a run can go on between two steps only. */
  readonly savesBetweenSteps?: boolean;
  /** Whether a state is what all processes that train together tell of it, so that none can save alone. Absent: no */
  readonly hasSplitState?: boolean;
  /** Reads the state, as a copy. Where it is split all processes call this, and the first has it whole. */
  state(): Promise<TrainingState>;
  /** Reads the backbone's part alone. Absent: as {@link TrainingEngine.state} has it */
  backboneWeights?(): Promise<Weights>;
  /** Gives back the memory; the engine is not usable any more. */
  close(): Promise<void>;
}
