import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { monotonicCosine } from '../../../test/support/float64-losses.js';
import { cosineOfSum, monotonicCosineOfLinear, monotonicCosineOfSum } from './angles.js';

/** Cosines that 32-bit floats hold exactly, next to ±1 included. */
const cosines = [
  ...Array.from({ length: 101 }, (_, index) => Math.fround((index - 50) / 50)),
  ...[2 ** -24, 2 ** -20, 2 ** -14, 2 ** -10].flatMap((gap) => [1 - gap, gap - 1]),
];
const column = tf.tensor2d(cosines, [cosines.length, 1]);

/** Results are about 1 and go through a handful of roundings of 6e-8; at ±1 sin θ is 1e-6 instead of 0. */
const TOLERANCE = 1e-6;

describe('cosineOfSum', () => {
  it.each([0, 0.3, 0.5, 1.2, -0.4])('is cos(θ + %d) for θ from 0 to π', (margin) => {
    const expected = cosines.map((cosine) => Math.cos(Math.acos(cosine) + margin));
    cosineOfSum(column, margin)
      .dataSync()
      .forEach((value, index) => {
        expect(Math.abs(value - expected[index]!)).toBeLessThan(TOLERANCE);
      });
  });

  it('takes a margin for each sample', () => {
    const margins = tf.tensor2d([0.1, -0.2], [2, 1]);
    const values = cosineOfSum(tf.tensor2d([0.6, 0.6], [2, 1]), margins).dataSync();
    expect(values[0]).toBeCloseTo(Math.cos(Math.acos(0.6) + 0.1), 6);
    expect(values[1]).toBeCloseTo(Math.cos(Math.acos(0.6) - 0.2), 6);
  });

  it('has the slope sin(θ + m) / sin θ, and a finite one at and beyond ±1', () => {
    const slope = tf.grad((x) => cosineOfSum(x as tf.Tensor2D, 0.5));
    slope(column)
      .dataSync()
      .forEach((value, index) => {
        const angle = Math.acos(cosines[index]!);
        const expected =
          Math.abs(cosines[index]!) === 1 ? Math.cos(0.5) : Math.sin(angle + 0.5) / Math.sin(angle);
        expect(Math.abs(value - expected)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(expected)));
      });
    const beyond = slope(tf.tensor2d([1 + 2 ** -23, -1 - 2 ** -23, 1 + 1e-5], [3, 1])).dataSync();
    for (const value of beyond) expect(value).toBeCloseTo(Math.cos(0.5), 6);
  });
});

describe('monotonicCosineOfSum', () => {
  it.each([0, 0.45, 0.5, 1.2, Math.PI / 2])('falls as θ rises from 0 to π, for m = %d', (margin) => {
    const rising = tf.tensor2d(
      Array.from({ length: 201 }, (_, index) => index / 100 - 1),
      [201, 1],
    );
    const values = monotonicCosineOfSum(rising, margin).dataSync();
    for (let index = 1; index < values.length; index++) {
      expect(values[index]!).toBeGreaterThan(values[index - 1]!);
    }
  });

  it('changes to the straight line at θ = π - m', () => {
    const [before, after] = monotonicCosineOfSum(tf.tensor2d([-0.87, -0.88], [2, 1]), 0.5).dataSync();
    // cos(π - 0.5) = -0.8776.
    expect(before).toBeCloseTo(Math.cos(Math.acos(-0.87) + 0.5), 6);
    expect(after).toBeCloseTo(-0.88 - 0.5 * Math.sin(0.5), 6);
  });
});

describe('monotonicCosineOfLinear', () => {
  const settings = [
    [1, 0],
    [1.7, 0],
    [1, 0.5],
    [2.3, 0.4],
    [4, 0],
  ] as const;

  it.each(settings)('is ψ(%dθ + %d) for θ from 0 to π', (factor, shift) => {
    const expected = cosines.map((cosine) => monotonicCosine(factor * Math.acos(cosine) + shift));
    // An angle is found to 5e-4 next to ±1, where the cosine is as steep as sin φ; elsewhere to the rounding of the cosine.
    monotonicCosineOfLinear(column, factor, shift)
      .dataSync()
      .forEach((value, index) => {
        const tolerance = Math.abs(cosines[index]!) > 0.999 ? 6e-4 * factor : 2e-6 * factor;
        expect(Math.abs(value - expected[index]!)).toBeLessThan(tolerance);
      });
  });

  it.each(settings)(
    'has a slope that differences in 64 bits give, for m = %d and δ = %d',
    (factor, shift) => {
      const within = cosines.filter((cosine) => Math.abs(cosine) < 0.999);
      const slopes = tf.grad((x) => monotonicCosineOfLinear(x as tf.Tensor2D, factor, shift))(
        tf.tensor2d(within, [within.length, 1]),
      );
      const at = (cosine: number): number => monotonicCosine(factor * Math.acos(cosine) + shift);
      slopes.dataSync().forEach((slope, index) => {
        const expected = (at(within[index]! + 1e-6) - at(within[index]! - 1e-6)) / 2e-6;
        expect(Math.abs(slope - expected)).toBeLessThan(2e-4);
      });
    },
  );

  it('has a finite slope at and beyond ±1', () => {
    const edges = tf.tensor2d([1, -1, 1 + 2 ** -23, -1 - 2 ** -23], [4, 1]);
    const slopes = tf
      .grad((x) => monotonicCosineOfLinear(x as tf.Tensor2D, 1.7, 0.3))(edges)
      .dataSync();
    for (const slope of slopes) {
      expect(Number.isFinite(slope)).toBe(true);
      expect(slope).toBeGreaterThan(0);
    }
  });
});
