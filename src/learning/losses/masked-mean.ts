import * as tf from '@tensorflow/tfjs';

/**
 * The mean of the values whose mask is 1.
 *
 * @param values [B], finite also where the mask is 0
 * @param mask [B] 0 or 1
 * @returns scalar; 0 (never NaN) where the mask is all 0
 */
export function maskedMean(values: tf.Tensor1D, mask: tf.Tensor1D): tf.Scalar {
  return tf.div(tf.sum(tf.mul(values, mask)), tf.maximum(tf.sum(mask), 1));
}
