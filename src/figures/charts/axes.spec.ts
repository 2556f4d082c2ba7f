import { describe, expect, it } from 'vitest';

import { normalDeviate } from './normal-deviate.js';
import { thinned } from './thinned-points.js';
import { linearRange, logRange } from './ticks.js';
import { shortened, tickText, valueText } from './value-format.js';

const shares = { lowest: 0, highest: 1 };

describe('linearRange', () => {
  it('begins at 0 only where values come near it', () => {
    expect(linearRange([0.2, 18], 5).domain).toEqual([0, 20]);
    expect(linearRange([0.962, 0.987], 5, shares).domain).toEqual([0.96, 0.99]);
  });

  it('leaves room around a value that never changes, within its limits', () => {
    const { domain, ticks } = linearRange([0.9953, 0.9953], 5, shares);
    expect(domain[0]).toBeLessThan(0.99);
    expect(domain[1]).toBe(1);
    expect(ticks.length).toBeGreaterThan(2);
    expect(linearRange([0, 0], 5).domain).toEqual([-1, 1]);
    expect(linearRange([1e-3], 5).domain[0]).toBeGreaterThan(8e-4);
  });

  it('is something to draw in where there are no values, or none that is finite', () => {
    expect(linearRange([], 5).domain).toEqual([0, 1]);
    expect(linearRange([Number.NaN, Number.POSITIVE_INFINITY], 5).domain).toEqual([0, 1]);
  });

  it.each([
    [[-3, 7], 5],
    [[1e7, 3e9], 6],
    [[1e-7, 3e-7], 4],
  ])('has marks at round values within its ends for %j', (values, count) => {
    const { domain, ticks } = linearRange(values, count);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(2 * count);
    for (const tick of ticks) {
      expect(tick).toBeGreaterThanOrEqual(domain[0] - 1e-12);
      expect(tick).toBeLessThanOrEqual(domain[1] * (1 + 1e-9) + 1e-12);
    }
  });
});

describe('logRange', () => {
  it('has whole decades, and every other one where there is little room', () => {
    expect(logRange([2e-4, 0.5], 8)).toMatchObject({ domain: [1e-4, 1], ticks: [1e-4, 1e-3, 1e-2, 0.1, 1] });
    expect(logRange([10, 1e7], 3).ticks).toEqual([10, 1000, 1e5, 1e7]);
  });

  it('is closer than a decade where all values are in one', () => {
    expect(logRange([96, 111], 5).domain).toEqual([10, 1000]);
    expect(logRange([2.5, 4], 5)).toMatchObject({ domain: [2, 5], ticks: [2, 3, 5] });
  });
});

describe('texts of values', () => {
  it('have the decimals that the distance of marks needs', () => {
    expect(tickText('percent', 0.955, 0.005)).toBe('95.5 %');
    expect(tickText('percent', 0.99, 0.01)).toBe('99 %');
    expect(tickText('number', 0.25, 0.25)).toBe('0.25');
    expect(tickText('number', -0, 0.1)).toBe('0.0');
    expect(tickText('number', 5e-5, 1e-5)).toBe('5e-5');
    expect(tickText('number', 5000, 5000)).toBe('5K');
    expect(tickText('number', 2_500_000, 500_000)).toBe('2.5M');
    expect(tickText('exponential', 1e-3, 1)).toBe('1e-3');
  });

  it('say that there is no value', () => {
    expect(valueText('percent', Number.NaN)).toBe('–');
    expect(valueText('number', 1_234_567)).toBe('1,234,567');
  });

  it('keep both ends of names that are cut', () => {
    expect(shortened('mobilefacenet-0123456789ab', 12)).toBe('mobile…789ab');
    expect(shortened('short', 12)).toBe('short');
  });
});

describe('normalDeviate', () => {
  // Of Python's statistics.NormalDist().inv_cdf.
  it.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.326347874040841],
    [1e-6, -4.753424308822899],
    [0.999, 3.090232306167813],
  ])('of %d is %d', (probability, deviate) => {
    expect(normalDeviate(probability)).toBeCloseTo(deviate, 7);
  });
});

describe('thinned', () => {
  const points = Array.from({ length: 100_000 }, (_, x) => ({ x, y: x === 54_321 ? 1e6 : Math.sin(x) }));

  it('keeps no more than can be told apart, with each peak and both ends', () => {
    const kept = thinned(points, 500);
    expect(kept.length).toBeLessThanOrEqual(4 * 250);
    expect(kept).toContain(points[54_321]);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(kept.every(({ x }, index) => index === 0 || x > (kept[index - 1]?.x ?? 0))).toBe(true);
  });

  it('leaves few points as they are', () => {
    const few = points.slice(0, 50);
    expect(thinned(few, 500)).toBe(few);
  });
});
