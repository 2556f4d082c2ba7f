import { expect } from 'vitest';

import type { Rows } from './float64-losses.js';

/** Expects rows of numbers, each within a tolerance. */
export function expectRows(actual: Rows, expected: Rows, tolerance: number): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  for (const [index, row] of actual.entries())
    for (const [column, value] of row.entries())
      expect(Math.abs(value - expected[index]![column]!), `row ${index}, column ${column}`).toBeLessThan(
        tolerance,
      );
}
