import * as tf from '@tensorflow/tfjs';

import type { FaceLossBatch } from './face-loss.js';
import { maskedMean } from './masked-mean.js';
import { unitVectors } from './unit-vectors.js';

export interface ClassCosines {
  /** [B, C] cos θ_j between each embedding and each class; may exceed ±1 by rounding */
  readonly cosines: tf.Tensor2D;
  /** [B, C] 1 at each sample's own class y, 0 elsewhere */
  readonly targets: tf.Tensor2D;
  /** [B, 1] cos θ_y */
  readonly targetCosines: tf.Tensor2D;
}

/** [B, C] 1 at each sample's own class. By comparison: tfjs's one-hot and gather cost a scatter in the gradient. */
export function oneHotTargets({ labels, weight }: FaceLossBatch): tf.Tensor2D {
  const classes = tf.range(0, weight.shape[1], 1, 'int32'); // [C]
  return tf.cast<tf.Tensor2D>(tf.equal(tf.expandDims(labels, 1), classes), 'float32');
}

/** Embeddings and class weights, both normalised (NormFace), as cosines. */
export function classCosines(batch: FaceLossBatch): ClassCosines {
  const cosines = tf.matMul<tf.Tensor2D>(unitVectors(batch.embeddings, 1), unitVectors(batch.weight, 0));
  const targets = oneHotTargets(batch);
  return { cosines, targets, targetCosines: tf.sum(tf.mul(cosines, targets), 1, true) };
}

/** The cosines with each sample's own one moved to `replacement` [B, 1], which a margin has made smaller. */
export function withTargetCosines(
  cosines: tf.Tensor2D,
  { targets, targetCosines }: ClassCosines,
  replacement: tf.Tensor2D,
): tf.Tensor2D {
  return tf.add(cosines, tf.mul(targets, tf.sub(replacement, targetCosines)));
}

/**
 * L_f (SymFace Eq. 11): the cross entropy of the logits, averaged over all N' samples, full faces and halves.
 *
 * @param logits [B, C]
 * @param targets [B, C] one-hot
 * @param batch that the loss was given: says which samples count, and of which classes the softmax is
 */
export function meanCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  { sampleMask, crossEntropy }: Pick<FaceLossBatch, 'sampleMask' | 'crossEntropy'>,
): tf.Scalar {
  if (crossEntropy !== undefined) return crossEntropy(logits, targets);
  const logProbabilities = tf.logSoftmax(logits); // l_j - max - log Σ exp(l_k - max)
  const losses = tf.neg(tf.sum<tf.Tensor1D>(tf.mul(targets, logProbabilities), 1)); // -log p_y   (Eq. 1)
  return maskedMean(losses, sampleMask); // 1/N' Σ L_f(x_i, y_i)   (Eq. 11)
}
