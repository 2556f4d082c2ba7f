import { describe, expect, it } from 'vitest';

import { expectRows } from '../../../../test/support/expect-rows.js';
import {
  differencesOf,
  dotRow,
  evaluateTerm,
  halved,
  someSplitFaces,
  type SplitFaceCase,
  unitRow,
} from '../../../../test/support/symmetry-term-cases.js';
import { contrastive } from './contrastive.js';

/** As the equation reads, in 64 bits. */
function reference(temperature: number) {
  return ({ left, right, weights, labels }: SplitFaceCase): number => {
    const halves = [left, right].map((part) => part.map(unitRow));
    const used = [...weights.keys()].filter((face) => weights[face]! > 0);
    const loss = (face: number, side: 0 | 1): number => {
      const own = halves[side]![face]!;
      const similarity = (other: number, of: 0 | 1): number =>
        Math.exp(dotRow(own, halves[of]![other]!) / temperature);
      const positive = similarity(face, side === 0 ? 1 : 0);
      const others = used.filter((other) => other !== face && labels?.[other] !== labels![face]);
      const negative = others.reduce((sum, other) => sum + similarity(other, 0) + similarity(other, 1), 0);
      return -Math.log(positive / (positive + negative));
    };
    return halved(weights, (face) => loss(face, 0) + loss(face, 1));
  };
}

describe('the contrastive symmetry term', () => {
  const apart = {
    left: [
      [3, 0],
      [0, 2],
    ],
    right: [
      [1, 0],
      [0, 5],
    ],
    weights: [0.5, 0.2],
  };

  it('is the cross entropy of finding the other half among all', () => {
    // Each half: its other half at cosine 1, two halves at 0: log(e + 2) - 1 = 0.5514447. (0.5 + 0.2) · 2 · 0.5514447 / 4.
    expect(evaluateTerm(contrastive({ temperature: 1 }), apart).value).toBeCloseTo(0.1930056, 6);
  });

  it('is worst, not best, for one embedding of everything', () => {
    const constant = { ...apart, left: [[1, 0], [1, 0]], right: [[1, 0], [1, 0]] }; // prettier-ignore
    // log 3 each: 0.7 · 2 · 1.0986123 / 4.
    expect(evaluateTerm(contrastive({ temperature: 1 }), constant).value).toBeCloseTo(0.3845143, 6);
  });

  it('compares with other persons only, and with used slots only', () => {
    expect(evaluateTerm(contrastive(), { ...apart, labels: [4, 4] }).value).toBeCloseTo(0, 6);
    expect(evaluateTerm(contrastive(), { ...apart, weights: [0.5, 0] }).value).toBeCloseTo(0, 6);
  });

  it.each([0.1, 0.5])('has the gradient of finite differences at a temperature of %d', (temperature) => {
    const inDoubles = reference(temperature);
    const { value, leftGradient, rightGradient } = evaluateTerm(contrastive({ temperature }), someSplitFaces);
    expect(Math.abs(value - inDoubles(someSplitFaces))).toBeLessThan(1e-5);
    const differences = differencesOf(inDoubles, someSplitFaces);
    expectRows(leftGradient, differences.left, 2e-5);
    expectRows(rightGradient, differences.right, 2e-5);
  });

  it('refuses a temperature of nothing', () => {
    expect(() => contrastive({ temperature: 0 })).toThrow(RangeError);
  });
});
