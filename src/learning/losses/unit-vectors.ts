import * as tf from '@tensorflow/tfjs';

import { withGradient } from './custom-gradients.js';

/**
 * ε under the square root. It shortens a vector of norm n by ε / 2n²: by under 5e-7 of its length from n = 1e-3 on, the
 * shortest norm that AdaFace tells from zero, and by less than a 32-bit float resolves from n = 3e-3 on.
 */
const EPSILON = 1e-12;

/**
 * x / ‖x‖ for each row (axis 1) or column (axis 0).
 *
 * Zero maps to zero, with a finite gradient. The closed form of the gradient, (g - u (g·u)) / n, is exact for
 * u = x / n, n = √(‖x‖² + ε), and unlike the composed one it forms no n³, which a 32-bit float cannot hold for large n.
 *
 * @param vectors norms below 1.8e19; beyond, where ‖x‖² overflows, the result and its gradient are 0
 */
export function unitVectors(vectors: tf.Tensor2D, axis: 0 | 1): tf.Tensor2D {
  return withGradient(vectors, {
    forward: (x, save) => {
      const norms = tf.sqrt(tf.add(tf.sum(tf.square(x), axis, true), EPSILON));
      const unit = tf.div<tf.Tensor2D>(x, norms);
      save([unit, norms]);
      return unit;
    },
    backward: (gradient, [unit, norms]) => {
      if (unit === undefined || norms === undefined) throw new Error('nothing was saved');
      const radial = tf.sum(tf.mul(gradient, unit), axis, true);
      return tf.div(tf.sub(gradient, tf.mul(unit, radial)), norms);
    },
  });
}
