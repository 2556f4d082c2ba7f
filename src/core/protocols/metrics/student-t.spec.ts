import { describe, expect, it } from 'vitest';

import { studentTQuantile, studentTWithin } from './student-t.js';

describe("Student's t", () => {
  it.each([
    // Printed tables of the two-sided 95 % quantile.
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [4, 2.7764],
    [5, 2.5706],
    [9, 2.2622],
    [10, 2.2281],
    [29, 2.0452],
    [120, 1.9799],
  ])('of %i degrees of freedom lies within ±%f in 95 %% of cases', (degreesOfFreedom, t) => {
    expect(studentTQuantile(0.95, degreesOfFreedom)).toBeCloseTo(t, 4);
  });

  it('has closed forms for one and two degrees of freedom', () => {
    expect(studentTQuantile(0.95, 1)).toBeCloseTo(Math.tan(0.475 * Math.PI), 10);
    // P = t / √(2 + t²)
    expect(studentTWithin(1.5, 2)).toBeCloseTo(1.5 / Math.sqrt(2 + 1.5 ** 2), 14);
    expect(studentTQuantile(0.99, 2)).toBeCloseTo(9.9248, 4);
  });

  it('refuses what has no distribution', () => {
    expect(() => studentTQuantile(0.95, 0)).toThrow(RangeError);
    expect(() => studentTQuantile(0.95, 1.5)).toThrow(RangeError);
    expect(() => studentTQuantile(1, 3)).toThrow(RangeError);
  });
});
