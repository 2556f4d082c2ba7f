import { describe, expect, it } from 'vitest';

import { dropoutMask } from './dropout-mask.js';

const position = { epoch: 3, batch: 7 };

describe('dropoutMask', () => {
  it('drops the share that it is told and scales the others so that the mean stays', () => {
    const mask = dropoutMask(0.4, 100_000, 1, position);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.6)]));
    const dropped = mask.filter((value) => value === 0).length / mask.length;
    expect(Math.abs(dropped - 0.4)).toBeLessThan(0.006); // Four standard deviations of a fair draw
  });

  it('depends on the seed and the position in the run, and on nothing else', () => {
    const mask = dropoutMask(0.5, 200, 1, position);
    expect(dropoutMask(0.5, 200, 1, position)).toEqual(mask);
    for (const [seed, epoch, batch] of [
      [2, 3, 7],
      [1, 7, 3],
      [1, 3, 8],
      [1, 4, 7],
    ] as const)
      expect(dropoutMask(0.5, 200, seed, { epoch, batch })).not.toEqual(mask);
  });
});
