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
  it('agrees with a case by hand', () => {
    // Differences 1, 2, 3: mean 2, deviation 1, half width 4.3027 · 1 / √3 = 2.4842.
    const found = pairedDifference(bySeed(10, 20, 30), bySeed(11, 22, 33));
    expect(found).toMatchObject({ count: 3, mean: 2, isBeyondChance: false });
    expect(found?.interval?.lower).toBeCloseTo(2 - 2.4841, 3);
    expect(found?.interval?.upper).toBeCloseTo(2 + 2.4841, 3);
  });

  it('takes what the seeds have in common out of the comparison', () => {
    // The values differ much between seeds, the differences by 0.1 only: half width 4.3027 · 0.1 / √3 = 0.2484.
    const found = pairedDifference(bySeed(10, 50, 90), bySeed(11, 51.1, 91.2));
    expect(found).toMatchObject({ count: 3, isBeyondChance: true });
    expect(found?.interval?.lower).toBeCloseTo(1.1 - 0.2484, 3);
    const less = pairedDifference(bySeed(11, 51.1, 91.2), bySeed(10, 50, 90));
    expect(less?.isBeyondChance).toBe(true);
    expect(less?.mean).toBeCloseTo(-1.1, 12);
  });

  it('compares seeds that both have, and says nothing of chance from one', () => {
    const found = pairedDifference(bySeed(1, 2, 3), new Map([[3, 5]]));
    expect(found).toEqual({ count: 1, mean: 2, interval: undefined, isBeyondChance: undefined });
    expect(pairedDifference(bySeed(1), new Map([[9, 1]]))).toBeUndefined();
  });
});
