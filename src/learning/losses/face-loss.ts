import type * as tf from '@tensorflow/tfjs';

import type { Initialiser } from '../layers/layer.js';

/** What a face loss is computed on: B samples (full faces and halves alike), embeddings of length D, C classes. */
export interface FaceLossBatch {
  /** [B, D] E(x) as the backbone gives it, not normalised */
  readonly embeddings: tf.Tensor2D;
  /** [D, C] W of SymFace Eq. 1: one column a class, not normalised */
  readonly weight: tf.Tensor2D;
  /** The scalars that the loss trains, by {@link FaceLoss.scalars}; where it has none, absent. */
  readonly scalars?: Readonly<Record<string, tf.Scalar>>;
  /** [B] int32, the class of each sample, 0 to C - 1 */
  readonly labels: tf.Tensor1D;
  /** [B] 1 for a sample; 0 for padding, which counts nowhere: not in the loss, its gradient or the state */
  readonly sampleMask: tf.Tensor1D;
  /** [B] 1 for a sample that running statistics are of; where it is absent, they are of all samples. */
  readonly statisticsMask?: tf.Tensor1D;
  /**
   * What {@link meanCrossEntropy} is where `weight` has but a share of the classes, of logits and targets [B, C]; a sample of
   * another class has no target then. Absent: the softmax is of all classes.
   */
  readonly crossEntropy?: (logits: tf.Tensor2D, targets: tf.Tensor2D) => tf.Scalar;
}

/** Running statistics by name, each a scalar. */
export type FaceLossState = Readonly<Record<string, tf.Scalar>>;

export interface FaceLossResult {
  /** L_f (SymFace Eq. 11): scalar, the mean over the samples; 0 where all are padding */
  readonly loss: tf.Scalar;
  /** The statistics to pass to the next step. No gradient flows through them. */
  readonly state: FaceLossState;
}

/**
 * A face loss with its hyperparameters. It holds no tensors: what changes from step to step goes in and comes out as
 * `state`, so that a step can be traced.
 */
export interface FaceLoss {
  /** The statistics before the first step; empty for a loss that keeps none. */
  readonly initialState: Readonly<Record<string, number>>;
  /** Names of scalars that gradient descent changes along with the class weights; each begins at 0. Absent: none. */
  readonly scalars?: readonly string[];
  /** How class weights are drawn. Absent: as InsightFace's, each number normally with a deviation of 0.01. */
  readonly headInitialiser?: Initialiser;
  /** Whether a class's logit depends on the cosine of the sample's own class, so that classes cannot be split. Absent: no */
  readonly needsOwnClass?: boolean;
  /** @throws Error where `state` lacks one of the names of `initialState` */
  compute(batch: FaceLossBatch, state: FaceLossState): FaceLossResult;
}

/** The trained scalar `name` of a batch. @throws Error where it is missing */
export function trainedScalar({ scalars }: FaceLossBatch, name: string): tf.Scalar {
  const scalar = scalars?.[name];
  if (scalar === undefined) throw new Error(`the batch of the face loss lacks the scalar ${name}`);
  return scalar;
}

/** The statistic `name` of a state. @throws Error where it is missing */
export function statistic(state: FaceLossState, name: string): tf.Scalar {
  const scalar = state[name];
  if (scalar === undefined) throw new Error(`the state of the face loss lacks ${name}`);
  return scalar;
}
