import * as tf from '@tensorflow/tfjs';

import { unitVectors } from './unit-vectors.js';

export interface SymmetryOptions {
  /**
   * What Eq. 10 compares: the backbone's output E(x) itself, as the paper writes it, or its direction, which is what
   * verification compares. The raw term also shrinks embeddings, and its size grows with their norm. Default: raw.
   */
  readonly compare?: 'raw' | 'unit';
}

/**
 * Symmetry term L_ρ (SymFace Eq. 10): pulls the embeddings of a frontal face's two halves together.
 *
 * pN_sym of Eq. 10, the number of faces split in an epoch, is here the number split in the batch.
 *
 * @param left [P, D] embeddings of the image-left halves, not normalised
 * @param right [P, D] the right halves of the same faces
 * @param rho [P] frontness in (0, 1]; 0 pads an unused slot
 * @returns scalar; 0 (never NaN) when every slot is padding
 */
export function symmetryLoss(
  left: tf.Tensor2D,
  right: tf.Tensor2D,
  rho: tf.Tensor1D,
  { compare = 'raw' }: SymmetryOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const [a, b] = compare === 'raw' ? [left, right] : [unitVectors(left, 1), unitVectors(right, 1)];
    const squaredDistances = tf.sum<tf.Tensor1D>(tf.square(tf.sub(a, b)), 1); // [P] ‖E(x_l) - E(x_r)‖²
    const splitCount = tf.sum(tf.cast(tf.greater(rho, 0), 'float32')); // pN_sym
    const sum = tf.sum(tf.mul(rho, squaredDistances));
    return tf.div(sum, tf.mul(tf.maximum(splitCount, 1), 2)); // 1/(2pN_sym) Σ ρ_i ‖…‖²   (Eq. 10)
  });
}
