import * as tf from '@tensorflow/tfjs';

import { acrossProcesses } from './across-processes.js';
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

/** Which elements statistics are of. */
export interface StatisticsScope {
  /** w [B] 1 for the samples, one or more, that the statistics are of; all are normalised by them. Default: all */
  readonly mask?: tf.Tensor1D | undefined;
  /** Whether they are of the batches of all processes that train together. Default: of this process's */
  readonly isOfAllProcesses?: boolean | undefined;
}

/**
 * Batch normalisation by the batch's own statistics (Ioffe & Szegedy, 2015). The gradient is in closed form: autodiff
 * through mean and variance would pass over the feature map several more times.
 *
 * @param x       [B, ..., C]
 * @param scale   γ [C]
 * @param offset  β [C]
 */
export function normaliseByBatch<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
  scope: StatisticsScope = {},
): LiveNormalisation<T> {
  const counted = countedOf(x, scope.mask);
  const { mean, variance, elementCount, deviations, shift } =
    scope.isOfAllProcesses === true ? statisticsOfAll(x, counted) : statisticsOf(x, counted);
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon)); // [C]

  // The statistics depend on x as well; what follows is the whole derivative, so they are captured, not passed.
  const normalise = tf.customGrad((_, gamma, beta, save) => {
    const factor = tf.mul(gamma as tf.Tensor, inverseDeviation);
    const constant =
      shift === undefined ? (beta as tf.Tensor) : tf.add(beta as tf.Tensor, tf.mul(shift, factor));
    const ofAll = shift === undefined ? [] : [shift, elementCount as tf.Scalar];
    (save as tf.GradSaveFunc)([deviations, inverseDeviation, gamma as tf.Tensor, ...ofAll]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => batchGradients(dy, saved, counted);
    return { value: tf.add(tf.mul(deviations, factor), constant), gradFunc };
  });
  return { normalised: normalise(x, scale, offset) as T, mean, variance, elementCount };
}

/**
 * [C] the batch is a sample: with one less as divisor its deviations estimate the population's variance. One element has no
 * deviation.
 */
export function unbiasedVariance({
  variance,
  elementCount: count,
}: Pick<LiveNormalisation<tf.Tensor>, 'variance' | 'elementCount'>): tf.Tensor1D {
  const factor =
    typeof count === 'number'
      ? count / Math.max(1, count - 1)
      : tf.div(count, tf.maximum(1, tf.sub(count, 1)));
  return tf.mul<tf.Tensor1D>(variance, factor);
}

interface BatchStatistics extends Omit<LiveNormalisation<tf.Tensor>, 'normalised'> {
  /** [B, ..., C] x less the mean of this process's elements */
  readonly deviations: tf.Tensor;
  /** [C] what is to be added to `deviations` for those from `mean`; absent where that is nothing. */
  readonly shift?: tf.Tensor1D;
}

function statisticsOf(x: tf.Tensor, { elementCount, only, meanOf }: CountedElements): BatchStatistics {
  const mean = meanOf(x);
  const deviations = tf.sub(x, mean);
  const variance = tf.div<tf.Tensor1D>(channelDot(only(deviations), deviations), elementCount);
  return { mean, variance, elementCount, deviations };
}

/**
 * The statistics of all processes' elements from those of each: with n_i elements, their mean m_i and their squared deviations S_i from it,
 * m = Σ n_i m_i / n and n σ² = Σ (S_i + n_i (m_i - m)²) (Chan, Golub & LeVeque, 1979), in which nothing cancels out.
 */
function statisticsOfAll(x: tf.Tensor, counted: CountedElements): BatchStatistics {
  const channels = x.shape.at(-1) ?? 1;
  const ownMean = counted.meanOf(x);
  const deviations = tf.sub(x, ownMean);
  const squares = channelDot(counted.only(deviations), deviations);
  const ownCount: tf.Tensor1D = tf.reshape(counted.elementCount, [1]);
  const all = acrossProcesses(tf.concat([ownCount, ownMean, squares])); // [N, 1 + 2C]
  const counts = tf.slice(all, [0, 0], [-1, 1]); // [N, 1]
  const means = tf.slice(all, [0, 1], [-1, channels]); // [N, C]
  const allSquares = tf.slice(all, [0, 1 + channels], [-1, channels]);
  const elementCount = tf.sum<tf.Scalar>(counts);
  const mean = tf.div<tf.Tensor1D>(tf.sum(tf.mul(counts, means), 0), elementCount);
  const between = tf.mul(counts, tf.square(tf.sub(means, mean)));
  const variance = tf.div<tf.Tensor1D>(tf.sum(tf.add(allSquares, between), 0), elementCount);
  return { mean, variance, elementCount, deviations, shift: tf.sub<tf.Tensor1D>(ownMean, mean) };
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

/** Gradients with respect to x, γ and β, from dL/dy; of γ and β this process's part. */
function batchGradients(
  dy: tf.Tensor,
  [deviations, inverseDeviation, gamma, fromMean, countOfAll]: tf.Tensor[],
  { elementCount: ownCount, only }: CountedElements,
): tf.Tensor[] {
  if (deviations === undefined || inverseDeviation === undefined || gamma === undefined) {
    throw new RangeError('batch normalisation lost what it saved for its gradient');
  }
  const count = countOfAll ?? ownCount;
  const dBeta = tf.sum<tf.Tensor1D>(dy, allButLast(dy)); // [C]
  const alongOwn = channelDot(dy, deviations);
  const along = fromMean === undefined ? alongOwn : tf.add(alongOwn, tf.mul(fromMean, dBeta));
  const dGamma = tf.mul<tf.Tensor1D>(along, inverseDeviation); // [C]
  const [allBeta, allGamma] = fromMean === undefined ? [dBeta, dGamma] : sumsOfAll(dBeta, dGamma);
  // dx = γ/σ (dy - w/n Σ dy - w x̂/n Σ dy x̂), x̂ = deviations / σ, n = Σ w: factors of dy and deviations and a shift. Samples
  // that do not count move no statistic.
  const factor = tf.mul(gamma, inverseDeviation);
  const alongDeviations = tf.neg(tf.mul(factor, tf.div(tf.mul(inverseDeviation, allGamma), count)));
  const shift = tf.neg(tf.mul(factor, tf.div(allBeta, count)));
  const whole = fromMean === undefined ? shift : tf.add(shift, tf.mul(fromMean, alongDeviations));
  const byStatistics = tf.add(whole, tf.mul(deviations, alongDeviations));
  const dx = tf.add(tf.mul(dy, factor), only(byStatistics));
  return [dx, dGamma, dBeta];
}

/** The sums of two vectors [C] over the processes. */
function sumsOfAll(first: tf.Tensor1D, second: tf.Tensor1D): readonly [tf.Tensor, tf.Tensor] {
  const channels = first.size;
  const all = tf.sum(acrossProcesses(tf.concat([first, second])), 0); // [2C]
  return [tf.slice(all, [0], [channels]), tf.slice(all, [channels], [channels])];
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
