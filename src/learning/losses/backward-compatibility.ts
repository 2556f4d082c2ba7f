import * as tf from '@tensorflow/tfjs';

import type { FaceLoss, FaceLossBatch, FaceLossState } from './face-loss.js';

/**
 * L_bct of backward-compatible training (Shen et al., CVPR 2020): the face loss of the embeddings that are trained, against
 * class weights of another network that are not. It pulls a face to where that network has its identity, so that the
 * embeddings of both can be compared.
 *
 * @param batch its own class weights do not matter
 * @param parentClasses [D, C] one column a class; constant
 * @param previous statistics of the face loss on the batch's own classes; those of this term are not kept
 * @returns a scalar; 0 where all samples are padding
 */
export function backwardCompatibilityLoss(
  faceLoss: FaceLoss,
  batch: FaceLossBatch,
  parentClasses: tf.Tensor2D,
  previous: FaceLossState,
): tf.Scalar {
  return tf.tidy(() => faceLoss.compute({ ...batch, weight: parentClasses }, previous).loss);
}
