import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { normsWithin } from './norms.js';

const vectors = tf.tensor2d([
  [3, 4],
  [0.03, 0.04],
  [30, 40],
  [0, 0],
  [1e30, 1e30],
]);

describe('normsWithin', () => {
  it('holds lengths to their range', () => {
    const norms = normsWithin(vectors, 0.5, 10).dataSync();
    [5, 0.5, 10, 0.5, 10].forEach((expected, index) => {
      expect(norms[index]).toBeCloseTo(expected, 6);
    });
  });

  it('has a gradient within the range only', () => {
    const gradient = tf
      .grad((x) => tf.sum(normsWithin(x as tf.Tensor2D, 0.5, 10)))(vectors)
      .arraySync();
    const expected = [[0.6, 0.8], [0, 0], [0, 0], [0, 0], [0, 0]]; // prettier-ignore
    (gradient as number[][]).forEach((row, index) => {
      expect(row[0]).toBeCloseTo(expected[index]![0]!, 6);
      expect(row[1]).toBeCloseTo(expected[index]![1]!, 6);
    });
  });
});
