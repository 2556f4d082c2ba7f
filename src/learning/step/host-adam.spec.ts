import { expect, it } from 'vitest';

import { adamStep } from './host-adam.js';

const options = { momentum: 0.9, squareMomentum: 0.999, epsilon: 1e-8 };

function parameter(values: readonly number[], decay = 0) {
  return {
    values: Float32Array.from(values),
    means: new Float32Array(values.length),
    squares: new Float32Array(values.length),
    decay,
  };
}

it('moves by the learning rate at first, whatever the size of the gradient', () => {
  const weights = parameter([1, 1, 1]);
  adamStep([weights], [Float32Array.of(1e-3, -50, 0)], { factor: 1, step: 1, learningRate: 0.1 }, options);
  // m / (1 - β1) = g and v / (1 - β2) = g²: their quotient is the sign.
  expect(weights.values[0]).toBeCloseTo(0.9, 4);
  expect(weights.values[1]).toBeCloseTo(1.1, 6);
  expect(weights.values[2]).toBe(1);
});

it('follows the running means in later steps, by hand', () => {
  const weights = parameter([0]);
  adamStep([weights], [Float32Array.of(1)], { factor: 1, step: 1, learningRate: 0.1 }, options);
  adamStep([weights], [Float32Array.of(-2)], { factor: 1, step: 2, learningRate: 0.1 }, options);
  // m = 0.9 · 0.1 - 0.1 · 2 = -0.11, /(1 - 0.81) = -0.578947; v = 0.999 · 0.001 + 0.001 · 4 = 0.004999, /0.001999 = 2.500750
  expect(weights.values[0]).toBeCloseTo(-0.1 + (0.1 * 0.578947) / Math.sqrt(2.50075), 5);
});

it('decays weights by the rate apart from the gradient, and scales gradients that are clipped', () => {
  const weights = parameter([2], 0.5);
  adamStep([weights], [Float32Array.of(0)], { factor: 1, step: 1, learningRate: 0.1 }, options);
  expect(weights.values[0]).toBeCloseTo(2 - 0.1 * 0.5 * 2, 6);
  const [clipped, whole] = [parameter([0]), parameter([0])];
  adamStep([clipped], [Float32Array.of(8)], { factor: 0.25, step: 1, learningRate: 0.1 }, options);
  adamStep([whole], [Float32Array.of(2)], { factor: 1, step: 1, learningRate: 0.1 }, options);
  expect(clipped.squares[0]).toBeCloseTo(whole.squares[0]!, 8);
});

it('refuses a parameter without a gradient of its size', () => {
  expect(() => {
    adamStep([parameter([1, 2])], [Float32Array.of(1)], { factor: 1, step: 1, learningRate: 0.1 });
  }).toThrow('has a gradient');
});
