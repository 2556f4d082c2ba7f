import { describe, expect, it } from 'vitest';

import { pairedDifference, summarise } from './seed-statistics.js';

const bySeed = (...values: number[]) => new Map(values.map((value, index) => [index + 1, value]));

describe('summarise', () => {
  it('agrees with a case by hand', () => {
    // Mean 4; squares 4 + 0 + 4 = 8, over 2.
    expect(summarise([2, 4, 6])).toEqual({ count: 3, mean: 4, standardDeviation: 2 });
    expect(summarise([7])).toEqual({ count: 1, mean: 7, standardDeviation: undefined });
    expect(() => summarise([])).toThrow(RangeError);
  });
});

describe('pairedDifference', () => {
  it('is the mean of the differences of seeds that both have', () => {
    expect(pairedDifference(bySeed(10, 20, 30), bySeed(11, 22, 33))).toEqual({ count: 3, mean: 2 });
    expect(pairedDifference(bySeed(1, 2, 3), new Map([[3, 5]]))).toEqual({ count: 1, mean: 2 });
    expect(pairedDifference(bySeed(1), new Map([[9, 1]]))).toBeUndefined();
  });
});
