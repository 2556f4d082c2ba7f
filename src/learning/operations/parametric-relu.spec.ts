import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { parametricRelu } from './parametric-relu.js';

/** [2, 3]: two channels with a slope below 1, one above. */
const SLOPES = [0.25, 0, 1.5];
const FEATURES = [1, -2, -0.5, -1e-20, 0, 3];

describe('parametricRelu', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('is x above zero and slope · x below', () => {
    const y = parametricRelu(tf.tensor2d(FEATURES, [2, 3]), tf.tensor1d(SLOPES));
    const expected = [1, 0, -0.75, -0.25e-20, 0, 3];
    for (const [index, value] of y.dataSync().entries()) expect(value).toBeCloseTo(expected[index]!, 6);
  });

  it('has the gradients of tfjs own prelu', () => {
    const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const loss = (activate: (x: tf.Tensor, slopes: tf.Tensor) => tf.Tensor) =>
      tf.grads((x, slopes) => tf.sum(tf.mul(activate(x, slopes), weights)))([
        // Not at zero, where there is none.
        tf.tensor2d([1, -2, -0.5, -1e-20, 0.1, 3], [2, 3]),
        tf.tensor1d(SLOPES),
      ]);
    const actual = loss((x, slopes) => parametricRelu(x, slopes as tf.Tensor1D));
    const expected = loss((x, slopes) => tf.prelu(x, slopes));
    for (const [index, tensor] of actual.entries()) {
      const values = expected[index]!.dataSync();
      for (const [at, value] of tensor.dataSync().entries()) expect(value).toBeCloseTo(values[at]!, 6);
    }
  });

  it('passes a gradient through where the feature is zero', () => {
    const gradient = tf.grad((x) => tf.sum(parametricRelu(x, tf.tensor1d([0.25]))))(tf.zeros([3, 1]));
    expect([...gradient.dataSync()]).toEqual([1, 1, 1]);
  });
});
