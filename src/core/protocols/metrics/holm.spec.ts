import { expect, it } from 'vitest';

import { holmAdjusted } from './holm.js';

it('multiplies by the number of comparisons that are left, and never falls', () => {
  // R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 4 · 0.005, 3 · 0.01, 2 · 0.03, then 0.04 below the one before.
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
  expect(adjusted).toEqual([0.03, 0.06, 0.06, 0.02].map((value) => expect.closeTo(value, 12) as number));
  expect(holmAdjusted([0.6, 0.9])).toEqual([1, 1]);
  expect(holmAdjusted([0.04])).toEqual([0.04]);
  expect(holmAdjusted([])).toEqual([]);
});
