import * as tf from '@tensorflow/tfjs';

import { runOwnKernel } from './own-kernels.js';

/** src/compiler has a rule of this name. */
const CHANNEL_DOT = 'ChannelDot';

/**
 * The sum of a · b for each channel, over all else. It is a kernel of its own, since compiled it need not store the
 * products. It has no gradient: it is what gradients are made of.
 * @param a [..., C]
 * @param b [..., C]
 * @returns [C]
 */
export function channelDot(a: tf.Tensor, b: tf.Tensor): tf.Tensor1D {
  return runOwnKernel(
    CHANNEL_DOT,
    (inputs) => {
      const [left, right] = [inputs['a'], inputs['b']];
      if (left === undefined || right === undefined) throw new RangeError(`${CHANNEL_DOT} takes a and b`);
      return tf.sum(tf.mul(left, right), allButLast(left));
    },
    { a, b },
  ) as tf.Tensor1D;
}

export function allButLast(x: tf.Tensor): number[] {
  return Array.from({ length: x.shape.length - 1 }, (_, axis) => axis);
}
