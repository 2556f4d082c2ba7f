import * as tf from '@tensorflow/tfjs';

import { allButLast, channelDot } from './channel-dot.js';

/** The statistics of a batch's channels, and the batch after normalisation by them. */
export interface LiveNormalisation<T extends tf.Tensor> {
  readonly normalised: T;
  /** [C] */
  readonly mean: tf.Tensor1D;
  /** [C], the mean squared deviation: with the number of elements as divisor, not one less */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation by the batch's own statistics (Ioffe & Szegedy, 2015). The gradient is in closed form: autodiff
 * through mean and variance would pass over the feature map several more times.
 *
 * @param x       [..., C]
 * @param scale   γ [C]
 * @param offset  β [C]
 */
export function normaliseByBatch<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): LiveNormalisation<T> {
  const axes = allButLast(x);
  const mean = tf.mean<tf.Tensor1D>(x, axes);
  const deviations = tf.sub(x, mean);
  const count = x.size / (x.shape.at(-1) ?? 1);
  const variance = tf.div<tf.Tensor1D>(channelDot(deviations, deviations), count);
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon)); // [C]

  // The statistics depend on x as well; what follows is the whole derivative, so they are captured, not passed.
  const normalise = tf.customGrad((_, gamma, beta, save) => {
    (save as tf.GradSaveFunc)([deviations, inverseDeviation, gamma as tf.Tensor]);
    const value = tf.add(tf.mul(deviations, tf.mul(gamma as tf.Tensor, inverseDeviation)), beta as tf.Tensor);
    return { value, gradFunc: (dy, saved) => batchGradients(dy, saved, axes) };
  });
  return { normalised: normalise(x, scale, offset) as T, mean, variance };
}

/** Gradients with respect to x, γ and β, from dL/dy. */
function batchGradients(
  dy: tf.Tensor,
  [deviations, inverseDeviation, gamma]: tf.Tensor[],
  axes: number[],
): tf.Tensor[] {
  if (deviations === undefined || inverseDeviation === undefined || gamma === undefined) {
    throw new RangeError('batch normalisation lost what it saved for its gradient');
  }
  const count = axes.reduce((product, axis) => product * (dy.shape[axis] ?? 1), 1);
  const dBeta = tf.sum(dy, axes); // [C]
  const dGamma = tf.mul(channelDot(dy, deviations), inverseDeviation); // [C]
  // dx = γ/σ (dy - mean(dy) - x̂ mean(dy x̂)), x̂ = deviations / σ: a sum of factors of dy and deviations and a shift
  const factor = tf.mul(gamma, inverseDeviation);
  const alongDeviations = tf.neg(tf.mul(factor, tf.div(tf.mul(inverseDeviation, dGamma), count)));
  const shift = tf.neg(tf.mul(factor, tf.div(dBeta, count)));
  const dx = tf.add(tf.add(tf.mul(dy, factor), shift), tf.mul(deviations, alongDeviations));
  return [dx, dGamma, dBeta];
}

/** Statistics that do not depend on the batch. */
export interface RunningStatistics {
  /** [C] */
  readonly mean: tf.Tensor1D;
  /** [C] */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation by fixed statistics: one kernel, which becomes one ONNX operator. Only x, γ and β have
 * gradients; tfjs' own would lay out the statistics in the feature map's full size.
 */
export function normaliseByStatistics<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  { mean, variance }: RunningStatistics,
  epsilon: number,
): T {
  const normalise = tf.customGrad((features, gamma, beta, save) => {
    const [input, factor, shift] = [features, gamma, beta] as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    (save as tf.GradSaveFunc)([input, factor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedInput, savedFactor] = saved as [tf.Tensor, tf.Tensor];
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon)); // [C]
      const axes = allButLast(dy);
      const deviations = tf.sub(savedInput, mean);
      return [
        tf.mul(dy, tf.mul(savedFactor, inverseDeviation)),
        tf.mul(channelDot(dy, deviations), inverseDeviation),
        tf.sum(dy, axes),
      ];
    };
    return { value: tf.batchNorm(input, mean, variance, shift, factor, epsilon), gradFunc };
  });
  return normalise(x, scale, offset) as T;
}
