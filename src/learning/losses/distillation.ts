import * as tf from '@tensorflow/tfjs';

import { maskedMean } from './masked-mean.js';
import { unitVectors } from './unit-vectors.js';

/**
 * L_d, distillation by regression of embeddings: the mean over the samples that have a target of 1 - cos(E(x), t), which is
 * half the squared distance of the unit vectors. A sample is pulled to where a teacher has its face, so that no class weights
 * are needed. ShrinkTeaNet (Duong et al. 2019) also regresses on a teacher's angles.
 *
 * @param embeddings [B, D] as the backbone gives them, not normalised
 * @param targets [B, D] the teacher's unit embeddings; constant, and finite also where there is none
 * @param targetMask [B] 1 for a sample that has a target; 0 for halves of faces and padding, which count nowhere
 * @returns a scalar; 0 where no sample has a target
 */
export function distillationLoss(
  embeddings: tf.Tensor2D,
  targets: tf.Tensor2D,
  targetMask: tf.Tensor1D,
): tf.Scalar {
  return tf.tidy(() => {
    const cosines = tf.sum<tf.Tensor1D>(tf.mul(unitVectors(embeddings, 1), targets), 1);
    return maskedMean(tf.sub(1, cosines), targetMask); // 1/N_t Σ (1 - cos(E(x_i), t_i))
  });
}
