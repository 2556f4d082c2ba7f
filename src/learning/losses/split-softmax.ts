import * as tf from '@tensorflow/tfjs';

import type { FaceLoss, FaceLossBatch, FaceLossState } from './face-loss.js';

/** What a share of the classes adds to the softmax over all of them. */
export interface SoftmaxShare {
  /** [B] log Σ exp(l_j) over the classes of the share */
  readonly logSums: tf.Tensor1D;
  /** [B] l_y with its margin where the share has the sample's own class, else 0 */
  readonly targetLogits: tf.Tensor1D;
  /** What the loss has beside the cross entropy, for example MagFace's regulariser: scalar */
  readonly otherLoss: tf.Scalar;
}

/**
 * The logits of some of the classes, as far as the others need them.
 * @param batch samples of other classes have a label that is no column's, such as -1
 * @throws RangeError where the loss is no softmax over classes
 */
export function softmaxShare(faceLoss: FaceLoss, batch: FaceLossBatch, state: FaceLossState): SoftmaxShare {
  let told: Pick<SoftmaxShare, 'logSums' | 'targetLogits'> | undefined;
  const crossEntropy = (logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar => {
    const largest = tf.max<tf.Tensor2D>(logits, 1, true); // [B, 1]
    const sums = tf.sum(tf.exp(tf.sub(logits, largest)), 1, true);
    told = {
      logSums: tf.keep(tf.squeeze<tf.Tensor1D>(tf.add(tf.log(sums), largest), [1])),
      targetLogits: tf.keep(tf.sum<tf.Tensor1D>(tf.mul(logits, targets), 1)),
    };
    return tf.scalar(0);
  };
  const { loss } = faceLoss.compute({ ...batch, crossEntropy }, state);
  if (told === undefined) throw new RangeError('it is no softmax over classes');
  return { ...told, otherLoss: loss };
}

/**
 * What has the gradient of the face loss by a share of the class weights, and of this share's part by the embeddings: with
 * L = log Σ exp(l_j) over all classes as a constant, d/dl_j of Σ exp(l_j - L) is the class's probability.
 * @param batch as in {@link softmaxShare}
 * @param logSums [B] L
 * @param sampleWeights [B] 1/N' of each sample's batch, 0 for padding
 */
export function splitFaceLoss(
  faceLoss: FaceLoss,
  batch: FaceLossBatch,
  state: FaceLossState,
  { logSums, sampleWeights }: { readonly logSums: tf.Tensor1D; readonly sampleWeights: tf.Tensor1D },
): ReturnType<FaceLoss['compute']> {
  const crossEntropy = (logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar => {
    const probabilities = tf.exp(tf.sub(logits, tf.expandDims(logSums, 1))); // p_j
    const losses = tf.sum(tf.sub(probabilities, tf.mul(logits, targets)), 1); // Σ p_j - l_y
    return tf.sum<tf.Scalar>(tf.mul(losses, sampleWeights));
  };
  return faceLoss.compute({ ...batch, crossEntropy }, state);
}
