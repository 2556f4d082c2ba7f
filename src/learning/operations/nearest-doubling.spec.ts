import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { nearestDoubling } from './nearest-doubling.js';

describe('nearestDoubling', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('repeats each pixel in both directions', () => {
    const y = nearestDoubling(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
    expect(y.shape).toEqual([1, 4, 4, 1]);
    expect([...y.dataSync()]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it('gives a pixel the sum of the gradients of its four copies', () => {
    const factors = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(nearestDoubling(x as tf.Tensor4D), factors)))(
      tf.zeros([1, 2, 2, 1]),
    );
    expect([...gradient.dataSync()]).toEqual([
      0 + 1 + 4 + 5,
      2 + 3 + 6 + 7,
      8 + 9 + 12 + 13,
      10 + 11 + 14 + 15,
    ]);
  });
});
