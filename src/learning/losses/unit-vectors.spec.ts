import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { unitVectors } from './unit-vectors.js';

const gradientOfFirstElement = (x: tf.Tensor2D): Float32Array =>
  tf
    .grad((vectors) => tf.sum(tf.slice(unitVectors(vectors as tf.Tensor2D, 1), [0, 0], [1, 1])))(x)
    .dataSync() as Float32Array;

describe('unitVectors', () => {
  it('normalises rows or columns', () => {
    const x = tf.tensor2d([
      [3, 4],
      [0, -2],
    ]);
    expect([...unitVectors(x, 1).dataSync()].map((value) => value.toFixed(6))).toEqual([
      '0.600000',
      '0.800000',
      '0.000000',
      '-1.000000',
    ]);
    // Columns (3, 0) and (4, -2) of length √20.
    const columns = unitVectors(x, 0).dataSync();
    expect(columns[0]).toBeCloseTo(1, 6);
    expect(columns[1]).toBeCloseTo(4 / Math.sqrt(20), 6);
    expect(columns[3]).toBeCloseTo(-2 / Math.sqrt(20), 6);
  });

  it.each([1e-3, 1, 1e6, 1e15, 1e18])('is off by less than 1e-6 for a norm of %d', (norm) => {
    const [first, second] = unitVectors(tf.tensor2d([[0.6 * norm, 0.8 * norm]]), 1).dataSync();
    expect(Math.abs(first! - 0.6)).toBeLessThan(1e-6);
    expect(Math.abs(second! - 0.8)).toBeLessThan(1e-6);
  });

  it.each([1e-2, 1, 1e6, 1e15, 1e18])('has the gradient (e - u u_0) / n for a norm of %d', (norm) => {
    // e = (1, 0), u = (0.6, 0.8): (1 - 0.36, -0.48) / n.
    const [first, second] = gradientOfFirstElement(tf.tensor2d([[0.6 * norm, 0.8 * norm]]));
    expect(first! * norm).toBeCloseTo(0.64, 6);
    expect(second! * norm).toBeCloseTo(-0.48, 6);
  });

  it('maps zero to zero, with a finite gradient', () => {
    const zero = tf.zeros<tf.Rank.R2>([1, 2]);
    expect([...unitVectors(zero, 1).dataSync()]).toEqual([0, 0]);
    // 1 / √ε
    expect(gradientOfFirstElement(zero)[0]! / 1e6).toBeCloseTo(1, 6);
  });

  it('gives 0, and a gradient of 0, where the squared norm overflows', () => {
    const huge = tf.tensor2d([[3e30, -4e30]]);
    for (const value of [...unitVectors(huge, 1).dataSync(), ...gradientOfFirstElement(huge)]) {
      expect(Math.abs(value)).toBe(0);
    }
  });
});
