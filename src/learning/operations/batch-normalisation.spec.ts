import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { normaliseByBatch, normaliseByStatistics } from './batch-normalisation.js';

const EPSILON = 1e-3;
const x = tf.randomNormal<tf.Rank.R4>([4, 3, 2, 5], 1, 2, 'float32', 1);
const scale = tf.randomNormal<tf.Rank.R1>([5], 1, 0.5, 'float32', 2);
const offset = tf.randomNormal<tf.Rank.R1>([5], 0, 1, 'float32', 3);
const weights = tf.randomNormal<tf.Rank.R4>([4, 3, 2, 5], 0, 1, 'float32', 4);

/** As the definition reads, for tfjs to differentiate. */
function plain(features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(features, [0, 1, 2]);
  const standardised = tf.div(tf.sub(features, mean), tf.sqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(standardised, gamma), beta);
}

function gradientsOf(run: (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => tf.Tensor): tf.Tensor[] {
  const loss = (...tensors: tf.Tensor[]): tf.Tensor =>
    tf.sum(tf.mul(tf.square(run(tensors[0]!, tensors[1]!, tensors[2]!)), weights));
  return tf.grads(loss)([x, scale, offset]);
}

function expectEqual(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const allowed = 1e-5 * Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(allowed);
}

describe('normaliseByBatch', () => {
  it('standardises each channel, then scales and shifts it', () => {
    const { normalised, mean, variance } = normaliseByBatch(x, scale, offset, EPSILON);
    expectEqual(normalised, plain(x, scale, offset));
    const moments = tf.moments(x, [0, 1, 2]);
    expectEqual(mean, moments.mean);
    expectEqual(variance, moments.variance);
  });

  it('has the gradients that autodiff finds through mean and variance', () => {
    const closed = gradientsOf(
      (features, gamma, beta) =>
        normaliseByBatch(features as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON)
          .normalised,
    );
    gradientsOf(plain).forEach((expected, index) => {
      expectEqual(closed[index]!, expected);
    });
  });
});

describe('normaliseByBatch of a part of the samples', () => {
  const mask = tf.tensor1d([1, 0, 1, 1]);

  /** As the definition reads: the second sample is normalised by the statistics of the others. */
  function plainOfPart(features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
    const counted = tf.concat([tf.slice(features, [0], [1]), tf.slice(features, [2], [2])], 0);
    const { mean, variance } = tf.moments(counted, [0, 1, 2]);
    const standardised = tf.div(tf.sub(features, mean), tf.sqrt(tf.add(variance, EPSILON)));
    return tf.add(tf.mul(standardised, gamma), beta);
  }

  it('has the statistics, values and gradients of that part', () => {
    const { normalised, mean, variance, elementCount } = normaliseByBatch(x, scale, offset, EPSILON, {
      mask,
    });
    const moments = tf.moments(tf.concat([x.slice([0], [1]), x.slice([2], [2])], 0), [0, 1, 2]);
    expectEqual(mean, moments.mean);
    expectEqual(variance, moments.variance);
    expect((elementCount as tf.Scalar).dataSync()[0]).toBe(3 * 3 * 2);
    expectEqual(normalised, plainOfPart(x, scale, offset));
    const closed = gradientsOf(
      (features, gamma, beta) =>
        normaliseByBatch(features as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON, {
          mask,
        }).normalised,
    );
    gradientsOf(plainOfPart).forEach((expected, index) => {
      expectEqual(closed[index]!, expected);
    });
  });

  it('of all samples is that of the batch', () => {
    const whole = normaliseByBatch(x, scale, offset, EPSILON);
    const part = normaliseByBatch(x, scale, offset, EPSILON, { mask: tf.ones([4]) });
    expectEqual(part.normalised, whole.normalised);
    expectEqual(part.variance, whole.variance);
  });
});

describe('normaliseByBatch of all processes', () => {
  const own = (features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, mask?: tf.Tensor1D) =>
    normaliseByBatch(features as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON, { mask });
  const ofAll = (features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, mask?: tf.Tensor1D) =>
    normaliseByBatch(features as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON, {
      mask,
      isOfAllProcesses: true,
    });

  it.each([
    ['all samples', undefined],
    ['some samples', tf.tensor1d([1, 0, 1, 1])],
  ])('is that of one process where there is one, of %s', (_, mask) => {
    const [expected, actual] = [own, ofAll].map((run) => run(x, scale, offset, mask));
    expectEqual(actual!.normalised, expected!.normalised);
    expectEqual(actual!.mean, expected!.mean);
    expectEqual(actual!.variance, expected!.variance);
    const gradients = [own, ofAll].map((run) => gradientsOf((...given) => run(...given, mask).normalised));
    for (const [index, gradient] of gradients[0]!.entries()) expectEqual(gradients[1]![index]!, gradient);
  });
});

describe('normaliseByStatistics', () => {
  const running = {
    mean: tf.tensor1d([0, 1, -1, 0.5, 2]),
    variance: tf.tensor1d([1, 2, 0.5, 3, 0.1]),
  };

  it("computes and differentiates as tfjs' own", () => {
    const run = (features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
      normaliseByStatistics(
        features as tf.Tensor4D,
        gamma as tf.Tensor1D,
        beta as tf.Tensor1D,
        running,
        EPSILON,
      );
    const own = (features: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
      tf.batchNorm(
        features as tf.Tensor4D,
        running.mean,
        running.variance,
        beta as tf.Tensor1D,
        gamma as tf.Tensor1D,
        EPSILON,
      );
    expectEqual(run(x, scale, offset), own(x, scale, offset));
    gradientsOf(own).forEach((expected, index) => {
      expectEqual(gradientsOf(run)[index]!, expected);
    });
  });
});
