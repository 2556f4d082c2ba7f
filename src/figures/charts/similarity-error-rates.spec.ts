import { expect, it } from 'vitest';

import { equalErrorThreshold, errorRatesAt } from './similarity-error-rates.js';

/** Four bins of half a similarity each. */
const counts = { genuine: [0, 0, 2, 8], impostor: [4, 5, 1, 0] };

it('counts what a threshold lets pass and holds back', () => {
  expect(errorRatesAt(counts, 0)).toEqual({ falseMatchRate: 0.1, falseNonMatchRate: 0 });
  expect(errorRatesAt(counts, 0.25)).toEqual({
    falseMatchRate: 0.05,
    falseNonMatchRate: expect.closeTo(0.1) as number,
  });
  expect(errorRatesAt(counts, -1)).toEqual({ falseMatchRate: 1, falseNonMatchRate: 0 });
  expect(errorRatesAt(counts, 1)).toEqual({ falseMatchRate: 0, falseNonMatchRate: 1 });
});

it('finds where both are the same', () => {
  const { falseMatchRate, falseNonMatchRate } = errorRatesAt(counts, equalErrorThreshold(counts));
  expect(Math.abs(falseMatchRate - falseNonMatchRate)).toBeLessThan(2e-3);
});

it('says that it knows nothing of no pairs', () => {
  expect(errorRatesAt({ genuine: [1], impostor: [] }, 0).falseMatchRate).toBeNaN();
});
