import * as tf from '@tensorflow/tfjs';

import { channelDot } from './channel-dot.js';

/** It is as good as zero beside any activation, and its reciprocal is still a 32-bit float. */
const TINY = 1e-30;

/**
 * x where positive, else slope · x, with the slope of the channel (PReLU, He et al. 2015). The gradient is of products,
 * several times as fast as tfjs' own, which chooses element by element, and keeps only min(x, 0).
 *
 * @param x [..., C]
 * @param slopes [C]
 */
export function parametricRelu<T extends tf.Tensor>(x: T, slopes: tf.Tensor1D): T {
  const activate = tf.customGrad((features, slope, save) => {
    const [input, factor] = [features, slope] as [tf.Tensor, tf.Tensor];
    const negative = tf.minimum(input, 0);
    (save as tf.GradSaveFunc)([negative, factor]);
    return {
      value: tf.prelu(input, factor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [below, savedFactor] = saved as [tf.Tensor, tf.Tensor];
        // 1 where x is positive, the slope where it is negative: -TINY, or 0, times (1 - slope) / TINY, plus 1.
        const isBelow = tf.maximum(below, -TINY);
        const change = tf.mul(isBelow, tf.div(tf.sub(1, savedFactor), TINY));
        return [tf.add(dy, tf.mul(dy, change)), channelDot(dy, below)];
      },
    };
  });
  return activate(x, slopes) as T;
}
