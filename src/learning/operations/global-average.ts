import * as tf from '@tensorflow/tfjs';

/**
 * The average of each channel over the feature map. The gradient of tfjs' own mean multiplies by ones of the feature
 * map's size, which would be constants of a traced graph.
 * @param x [B, H, W, C]
 * @returns [B, 1, 1, C]
 */
export function globalAverage(x: tf.Tensor4D): tf.Tensor4D {
  return averageOverPixels(x, true) as tf.Tensor4D;
}

/** The {@link globalAverage} as a vector, [B, C]. */
export function globalAverageVector(x: tf.Tensor4D): tf.Tensor2D {
  return averageOverPixels(x, false) as tf.Tensor2D;
}

function averageOverPixels(x: tf.Tensor4D, keepsAxes: boolean): tf.Tensor {
  const average = tf.customGrad((features) => {
    const [batch, height, width, channels] = (features as tf.Tensor4D).shape;
    const gradFunc = (dy: tf.Tensor): tf.Tensor => {
      const share = tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]);
      return tf.broadcastTo(share, [batch, height, width, channels]);
    };
    return { value: tf.mean(features as tf.Tensor4D, [1, 2], keepsAxes), gradFunc };
  });
  return average(x);
}
