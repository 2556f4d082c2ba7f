import { describe, expect, it } from 'vitest';

import { interpolatedWeights } from './weight-interpolation.js';

const start = new Map([['a', { shape: [2, 1], values: Float32Array.of(1, -2) }]]);
const trained = new Map([['a', { shape: [2, 1], values: Float32Array.of(3, 2) }]]);

describe('interpolatedWeights', () => {
  it.each([
    [0, [1, -2]],
    [0.25, [1.5, -1]],
    [1, [3, 2]],
  ])('are a share of %s of the way', (share, expected) => {
    const { shape, values } = interpolatedWeights(start, trained, share).get('a')!;
    expect(shape).toEqual([2, 1]);
    expect([...values]).toEqual(expected);
  });

  it('are of one network only', () => {
    const other = new Map([['b', { shape: [2], values: Float32Array.of(3, 2) }]]);
    expect(() => interpolatedWeights(start, other, 0.5)).toThrow(/no b of this size/u);
  });
});
