import { describe, expect, it } from 'vitest';

import { drawPairs } from './drawn-pairs.js';

const labels = Array.from({ length: 60 }, (_, face) => face % 12);

describe('drawPairs', () => {
  it('draws distinct pairs of both kinds in turns, the same for the same seed', () => {
    const pairs = drawPairs(labels, 100, 7);
    expect(pairs).toHaveLength(100);
    for (const [index, { first, second, genuine }] of pairs.entries()) {
      expect(first).toBeLessThan(second);
      expect(genuine).toBe(index % 2 === 0);
      expect(labels[first] === labels[second]).toBe(genuine);
    }
    expect(new Set(pairs.map(({ first, second }) => `${first} ${second}`)).size).toBe(100);
    expect(drawPairs(labels, 100, 7)).toEqual(pairs);
    expect(drawPairs(labels, 100, 8)).not.toEqual(pairs);
  });

  it('gives fewer where there are not as many', () => {
    // 12 persons of 5 faces have 120 genuine pairs.
    expect(drawPairs(labels, 1000, 1)).toHaveLength(240);
    expect(drawPairs([0, 1, 2], 10, 1)).toEqual([]);
    expect(drawPairs([0, 0, 0], 10, 1)).toEqual([]);
  });
});
