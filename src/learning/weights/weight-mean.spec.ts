import { expect, it } from 'vitest';

import type { Weights } from '../../core/models/weights.js';
import { meanWeights } from './weight-mean.js';

const weights = (...values: readonly number[]): Weights =>
  new Map([
    ['filters', { shape: [1, 2], values: Float32Array.from(values.slice(0, 2)) }],
    ['offsets', { shape: [1], values: Float32Array.from(values.slice(2)) }],
  ]);

it('is the mean of each number', () => {
  expect(meanWeights([weights(1, 2, 3), weights(2, 4, -3), weights(6, -9, 0.75)])).toEqual(
    weights(3, -1, 0.25),
  );
  expect(meanWeights([weights(1, 2, 3)])).toEqual(weights(1, 2, 3));
});

it('refuses networks that differ in more than numbers', () => {
  const offsetsOnly: Weights = new Map([['offsets', { shape: [1], values: Float32Array.of(1) }]]);
  expect(() => meanWeights([])).toThrow('there are no weights');
  expect(() => meanWeights([weights(1, 2, 3), offsetsOnly])).toThrow('2 arrays and another 1');
  const turned = new Map(weights(1, 2, 3)).set('filters', { shape: [2, 1], values: Float32Array.of(1, 2) });
  expect(() => meanWeights([weights(1, 2, 3), turned])).toThrow('no filters of the shape [1, 2]');
  const renamed = new Map([...weights(1, 2, 3)].map(([name, array]) => [`${name}-2`, array]));
  expect(() => meanWeights([weights(1, 2, 3), renamed])).toThrow('no filters');
});
