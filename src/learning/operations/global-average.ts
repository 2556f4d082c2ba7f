import * as tf from '@tensorflow/tfjs';

/**
 * Each channel's average over the feature map. The gradient of tfjs' own mean multiplies by ones of the feature map's
 * size, which would be constants of a traced graph.
 *
 * @param x [B, H, W, C]
 * @returns [B, 1, 1, C]
 */
export function globalAverage(x: tf.Tensor4D): tf.Tensor4D {
  const average = tf.customGrad((features) => {
    const { shape } = features as tf.Tensor4D;
    return {
      value: tf.mean(features as tf.Tensor4D, [1, 2], true),
      gradFunc: (dy: tf.Tensor) => tf.broadcastTo(tf.div(dy, shape[1] * shape[2]), shape),
    };
  });
  return average(x) as tf.Tensor4D;
}
