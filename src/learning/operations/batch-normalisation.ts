import * as tf from '@tensorflow/tfjs';

import { allButLast, channelDot } from './channel-dot.js';

/** The statistics of a batch's channels, and the batch after normalisation by them. */
export interface LiveNormalisation<T extends tf.Tensor> {
  readonly normalised: T;
  /** [C] */
  readonly mean: tf.Tensor1D;
  /** [C], the mean squared deviation: with the number of elements as divisor, not one less */
  readonly variance: tf.Tensor1D;
  /** How many elements of each channel they are of. */
  readonly elementCount: number | tf.Scalar;
}

/**
 * Batch normalisation by the batch's own statistics (Ioffe & Szegedy, 2015). The gradient is in closed form: autodiff
 * through mean and variance would pass over the feature map several more times.
 *
 * @param x       [B, ..., C]
 * @param scale   γ [C]
 * @param offset  β [C]
 * @param mask    w [B] 1 for the samples, one or more, that the statistics are of; all are normalised by them. Default: all
 */
export function normaliseByBatch<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
  mask?: tf.Tensor1D,
): LiveNormalisation<T> {
  const axes = allButLast(x);
  const counted = countedOf(x, mask);
  const mean = counted.meanOf(x);
  const deviations = tf.sub(x, mean);
  const variance = tf.div<tf.Tensor1D>(
    channelDot(counted.only(deviations), deviations),
    counted.elementCount,
  );
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon)); // [C]

  // The statistics depend on x as well; what follows is the whole derivative, so they are captured, not passed.
  const normalise = tf.customGrad((_, gamma, beta, save) => {
    (save as tf.GradSaveFunc)([deviations, inverseDeviation, gamma as tf.Tensor]);
    const value = tf.add(tf.mul(deviations, tf.mul(gamma as tf.Tensor, inverseDeviation)), beta as tf.Tensor);
    return { value, gradFunc: (dy, saved) => batchGradients(dy, saved, axes, counted) };
  });
  const { elementCount } = counted;
  return { normalised: normalise(x, scale, offset) as T, mean, variance, elementCount };
}

/** The elements of a feature map that its statistics are of. */
interface CountedElements {
  /** How many of each channel. */
  readonly elementCount: number | tf.Scalar;
  /** The values, and 0 where the element does not count. */
  readonly only: (values: tf.Tensor) => tf.Tensor;
  /** [C] the mean of those that count */
  readonly meanOf: (values: tf.Tensor) => tf.Tensor1D;
}

function countedOf(x: tf.Tensor, mask: tf.Tensor1D | undefined): CountedElements {
  const axes = allButLast(x);
  const all = x.size / (x.shape.at(-1) ?? 1);
  if (mask === undefined)
    return { elementCount: all, only: (values) => values, meanOf: (values) => tf.mean(values, axes) };
  const [samples = 0, ...others] = x.shape;
  const weights = tf.reshape(mask, [samples, ...others.map(() => 1)]); // w [B, 1, ..., 1]
  const elementCount = tf.mul<tf.Scalar>(tf.sum(mask), all / samples);
  const only = (values: tf.Tensor): tf.Tensor => tf.mul(values, weights);
  return { elementCount, only, meanOf: (values) => tf.div(tf.sum(only(values), axes), elementCount) };
}

/** Gradients with respect to x, γ and β, from dL/dy. */
function batchGradients(
  dy: tf.Tensor,
  [deviations, inverseDeviation, gamma]: tf.Tensor[],
  axes: number[],
  { elementCount: count, only }: CountedElements,
): tf.Tensor[] {
  if (deviations === undefined || inverseDeviation === undefined || gamma === undefined) {
    throw new RangeError('batch normalisation lost what it saved for its gradient');
  }
  const dBeta = tf.sum(dy, axes); // [C]
  const dGamma = tf.mul(channelDot(dy, deviations), inverseDeviation); // [C]
  // dx = γ/σ (dy - w/n Σ dy - w x̂/n Σ dy x̂), x̂ = deviations / σ, n = Σ w: factors of dy and deviations and a shift. Samples
  // that do not count move no statistic.
  const factor = tf.mul(gamma, inverseDeviation);
  const alongDeviations = tf.neg(tf.mul(factor, tf.div(tf.mul(inverseDeviation, dGamma), count)));
  const shift = tf.neg(tf.mul(factor, tf.div(dBeta, count)));
  const byStatistics = tf.add(shift, tf.mul(deviations, alongDeviations));
  const dx = tf.add(tf.mul(dy, factor), only(byStatistics));
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
