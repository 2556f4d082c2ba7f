import { describe, expect, it } from 'vitest';

import { expectRows } from '../../../../test/support/expect-rows.js';
import {
  differencesOf,
  evaluateTerm,
  halved,
  someSplitFaces,
  squaredDistance,
  unitRow,
} from '../../../../test/support/symmetry-term-cases.js';
import { unit } from './unit.js';

describe('the symmetry term of unit embeddings', () => {
  it('compares directions', () => {
    // Row 0: (1, 2)/√5 and (1, 0): 2 - 2/√5 = 1.1055728. Row 1: (0, 1) and (1, 2)/√5: 2 - 4/√5 = 0.2111456.
    // (0.5 · 1.1055728 + 0.2 · 0.2111456) / 4 = 0.1487539.
    const left = [
      [1, 2],
      [0, 2],
    ];
    const right = [
      [1, 0],
      [3, 6],
    ];
    expect(evaluateTerm(unit(), { left, right, weights: [0.5, 0.2] }).value).toBeCloseTo(0.1487539, 6);
    // However long they are.
    const longer = { left: left.map((row) => row.map((value) => 9 * value)), right, weights: [0.5, 0.2] };
    expect(evaluateTerm(unit(), longer).value).toBeCloseTo(0.1487539, 6);
  });

  it('has the gradient of finite differences', () => {
    const reference = ({ left, right, weights }: typeof someSplitFaces) =>
      halved(weights, (face) => squaredDistance(unitRow(left[face]!), unitRow(right[face]!)));
    const { value, leftGradient, rightGradient } = evaluateTerm(unit(), someSplitFaces);
    expect(value).toBeCloseTo(reference(someSplitFaces), 6);
    const differences = differencesOf(reference, someSplitFaces);
    expectRows(leftGradient, differences.left, 1e-5);
    expectRows(rightGradient, differences.right, 1e-5);
  });
});
