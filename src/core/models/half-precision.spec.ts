import { describe, expect, it } from 'vitest';

import { floatOfHalf, halfOfFloat } from './half-precision.js';

describe('half precision', () => {
  it('has every 16-bit float as itself', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = floatOfHalf(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(floatOfHalf(halfOfFloat(value)))).toBe(true);
      // Negative zero has bits of its own, which its value does not tell.
      else if (bits !== 0x8000) expect(halfOfFloat(value)).toBe(bits);
    }
  });

  it('rounds to the nearest, and halves to the even one', () => {
    const step = 2 ** -10;
    for (const [value, expected] of [
      [1 + 0.4 * step, 1],
      [1 + 0.5 * step, 1],
      [1 + 1.5 * step, 1 + 2 * step],
      [1 + 0.6 * step, 1 + step],
      [-(1 + 0.6 * step), -(1 + step)],
      // Into the next power of two.
      [2 - 0.2 * step, 2],
      // Below the normal ones.
      [2.4 * 2 ** -24, 2 * 2 ** -24],
      [2.5 * 2 ** -24, 2 * 2 ** -24],
      [2 ** -14 - 0.2 * 2 ** -24, 2 ** -14],
      [2 ** -26, 0],
    ] as const)
      expect(floatOfHalf(halfOfFloat(value))).toBe(expected);
  });

  it('is infinite beyond the largest', () => {
    expect(floatOfHalf(halfOfFloat(65_519))).toBe(65_504);
    expect(floatOfHalf(halfOfFloat(65_520))).toBe(Infinity);
    expect(floatOfHalf(halfOfFloat(-1e30))).toBe(-Infinity);
  });
});
