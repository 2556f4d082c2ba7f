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
import { anchor } from './anchor.js';

describe('the symmetry term with the whole face for an anchor', () => {
  it('is half the mean of rho times the mean squared distance of both halves to the face', () => {
    // The face (0, 3) is (0, 1); left (2, 0): 2; right (1, 1)/√2: 2 - √2 = 0.5857864. 0.5 · (2.5857864 / 2) / 2 = 0.3232233.
    const faces = { left: [[2, 0]], right: [[1, 1]], whole: [[0, 3]], weights: [0.5] };
    expect(evaluateTerm(anchor(), faces).value).toBeCloseTo(0.3232233, 6);
  });

  it('has the gradient of finite differences in the halves, and none in the face', () => {
    const reference = ({ left, right, whole, weights }: typeof someSplitFaces) =>
      halved(
        weights,
        (face) =>
          (squaredDistance(unitRow(left[face]!), unitRow(whole![face]!)) +
            squaredDistance(unitRow(right[face]!), unitRow(whole![face]!))) /
          2,
      );
    const { value, leftGradient, rightGradient, wholeGradient } = evaluateTerm(anchor(), someSplitFaces);
    expect(value).toBeCloseTo(reference(someSplitFaces), 6);
    const differences = differencesOf(reference, someSplitFaces);
    expectRows(leftGradient, differences.left, 1e-5);
    expectRows(rightGradient, differences.right, 1e-5);
    expect(wholeGradient!.flat().every((element) => element === 0)).toBe(true);
  });

  it('refuses a batch without whole faces', () => {
    expect(() => evaluateTerm(anchor(), { left: [[1, 0]], right: [[1, 0]], weights: [1] })).toThrow(
      RangeError,
    );
  });
});
