import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { leakyRelu } from './leaky-relu.js';

const FEATURES = [1, -2, -0.5, -1e-20, 0.25, 3];
const FACTORS = [1, 2, 3, 4, 5, 6];

describe('leakyRelu', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    { slope: 0.1, values: [1, -0.2, -0.05, -1e-21, 0.25, 3], slopes: [1, 0.1, 0.1, 0.1, 1, 1] },
    { slope: 0, values: [1, 0, 0, 0, 0.25, 3], slopes: [1, 0, 0, 0, 1, 1] },
  ])('is x above zero and $slope · x below, in value and gradient', ({ slope, values, slopes }) => {
    const y = leakyRelu(tf.tensor1d(FEATURES), slope).dataSync();
    const gradient = tf
      .grad((x) => tf.sum(tf.mul(leakyRelu(x, slope), FACTORS)))(tf.tensor1d(FEATURES))
      .dataSync();
    for (const [index, value] of values.entries()) {
      expect(y[index]).toBeCloseTo(value, 6);
      expect(gradient[index]).toBeCloseTo(slopes[index]! * FACTORS[index]!, 5);
    }
  });
});
