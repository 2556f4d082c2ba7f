import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { symmetryLoss, type SymmetryOptions } from './symmetry.js';

const left = [
  [1, 2],
  [0, 2],
  [7, 7],
];
const right = [
  [1, 0],
  [3, 6],
  [-7, 9],
];

function value(rho: number[], options?: SymmetryOptions): number {
  return symmetryLoss(tf.tensor2d(left), tf.tensor2d(right), tf.tensor1d(rho), options).dataSync()[0]!;
}

describe('symmetryLoss', () => {
  it('is half the mean over the split faces of rho times the squared distance', () => {
    // Squared distances 2² = 4 and 3² + 4² = 25; the third slot is padding: (0.5 · 4 + 0.2 · 25) / (2 · 2) = 1.75.
    expect(value([0.5, 0.2, 0])).toBeCloseTo(1.75, 6);
  });

  it('compares directions where asked', () => {
    // Row 0: (1, 2)/√5 and (1, 0): 2 - 2/√5 = 1.1055728. Row 1: (0, 1) and (1, 2)/√5: 2 - 4/√5 = 0.2111456.
    // (0.5 · 1.1055728 + 0.2 · 0.2111456) / 4 = 0.1487539.
    expect(value([0.5, 0.2, 0], { compare: 'unit' })).toBeCloseTo(0.1487539, 6);
  });

  it.each([undefined, { compare: 'unit' as const }])(
    'is 0 with gradient 0 where no face is split',
    (options) => {
      expect(value([0, 0, 0], options)).toBe(0);
      const gradients = tf.grads((a, b) =>
        symmetryLoss(a as tf.Tensor2D, b as tf.Tensor2D, tf.zeros<tf.Rank.R1>([3]), options),
      )([tf.tensor2d(left), tf.tensor2d(right)]);
      for (const gradient of gradients) expect(gradient.abs().max().dataSync()[0]).toBe(0);
    },
  );

  it('is 0 without slots', () => {
    const none = tf.zeros<tf.Rank.R2>([0, 2]);
    expect(symmetryLoss(none, none, tf.tensor1d([])).dataSync()[0]).toBe(0);
  });

  it('pulls the halves towards each other', () => {
    // d/dleft = ρ (left - right) / pN_sym = 0.5 (0, 2) / 1.
    const gradient = tf.grad((a) =>
      symmetryLoss(a as tf.Tensor2D, tf.tensor2d(right), tf.tensor1d([0.5, 0, 0])),
    )(tf.tensor2d(left));
    expect(
      gradient
        .sub([
          [0, 1],
          [0, 0],
          [0, 0],
        ])
        .abs()
        .max()
        .dataSync()[0],
    ).toBe(0);
  });
});
