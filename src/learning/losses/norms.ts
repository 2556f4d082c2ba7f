import * as tf from '@tensorflow/tfjs';

import { withGradient } from './custom-gradients.js';

/** Below every bound of a norm. */
const SHORTEST = 1e-12;

/**
 * ‖z_i‖ held to [shortest, longest] as [B]. The gradient is z / ‖z‖ between the bounds and 0 beyond them, so that it is
 * finite for a vector of no length and for one whose square overflows.
 *
 * @param embeddings [B, D]
 * @param shortest above 0
 */
export function normsWithin(embeddings: tf.Tensor2D, shortest: number, longest: number): tf.Tensor2D {
  return withGradient(embeddings, {
    forward: (x, save) => {
      const norms = tf.sqrt(tf.sum<tf.Tensor2D>(tf.square(x), 1, true));
      save([x, norms]);
      return tf.clipByValue(norms, shortest, longest);
    },
    backward: (gradient, [x, norms]) => {
      if (x === undefined || norms === undefined) throw new Error('nothing was saved');
      const isWithin = tf.logicalAnd(tf.greaterEqual(norms, shortest), tf.lessEqual(norms, longest));
      const share = tf.div(tf.mul(gradient, tf.cast(isWithin, 'float32')), tf.maximum(norms, SHORTEST));
      return tf.mul(x, share);
    },
  });
}
