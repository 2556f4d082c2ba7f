import { describe, expect, it } from 'vitest';

import {
  differencesOf,
  evaluateTerm,
  halved,
  someSplitFaces,
  squaredDistance,
} from '../../../../test/support/symmetry-term-cases.js';
import { expectRows } from '../../../../test/support/expect-rows.js';
import { raw } from './raw.js';

describe('the symmetry term of embeddings as they come', () => {
  it('is half the mean over the split faces of rho times the squared distance', () => {
    // Squared distances 2² = 4 and 3² + 4² = 25; the third slot is unused: (0.5 · 4 + 0.2 · 25) / (2 · 2) = 1.75.
    const left = [
      [1, 2],
      [0, 2],
      [7, 7],
    ];
    const right = [
      [1, 0],
      [3, 6],
      [-7, 9],
    ];
    const { value, leftGradient } = evaluateTerm(raw(), { left, right, weights: [0.5, 0.2, 0] });
    expect(value).toBeCloseTo(1.75, 6);
    // d/dleft = ρ (left - right) / pN_sym.
    expectRows(
      leftGradient,
      [
        [0, 0.5],
        [-0.3, -0.4],
        [0, 0],
      ],
      1e-6,
    );
  });

  it('has the gradient of finite differences', () => {
    const reference = ({ left, right, weights }: typeof someSplitFaces) =>
      halved(weights, (face) => squaredDistance(left[face]!, right[face]!));
    const { value, leftGradient, rightGradient } = evaluateTerm(raw(), someSplitFaces);
    expect(value).toBeCloseTo(reference(someSplitFaces), 5);
    const differences = differencesOf(reference, someSplitFaces);
    expectRows(leftGradient, differences.left, 1e-5);
    expectRows(rightGradient, differences.right, 1e-5);
  });
});
