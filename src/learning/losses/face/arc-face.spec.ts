import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import { classicArc, cosineLoss, type Float64Reference } from '../../../../test/support/float64-losses.js';
import { arcFace, LIGHTWEIGHT_ARC_FACE } from './arc-face.js';

describe('arcFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };

  it("adds the margin to the own class's angle", () => {
    // cos(θ_0 + π/6) = 0.6 · 0.8660254 - 0.8 · 0.5 = 0.1196152; logits (0.2392305, 1.6):
    // log(1 + e^1.3607695) = 1.5890704.
    const { loss } = evaluateFaceLoss(arcFace({ scale: 2, marginRadians: Math.PI / 6 }), operands);
    expect(loss).toBeCloseTo(1.5890704, 6);
  });

  it('goes on falling where θ + m > π', () => {
    // z = (-4, 3): cos θ = (-0.8, 0.6), θ_0 = 143.1°, beyond 180° - 60°: -0.8 - π/3 · sin(120°) = -1.7068997;
    // logits 2 (-1.7068997, 0.6): log(1 + e^4.6137994) = 4.6236646.
    const behind = { ...operands, embeddings: [[-4, 3]] };
    const { loss } = evaluateFaceLoss(arcFace({ scale: 2, marginRadians: Math.PI / 3 }), behind);
    expect(loss).toBeCloseTo(4.6236646, 5);
  });

  it('has s = 64, m = 0.5 by default and the lightweight setting of the paper', () => {
    const at = (scale: number, marginRadians: number) =>
      evaluateFaceLoss(arcFace({ scale, marginRadians }), operands).loss;
    expect(evaluateFaceLoss(arcFace(), operands).loss).toBe(at(64, 0.5));
    expect(evaluateFaceLoss(arcFace(LIGHTWEIGHT_ARC_FACE), operands).loss).toBe(at(32, 0.45));
  });

  it('refuses a margin outside its range', () => {
    expect(() => arcFace({ marginRadians: 4 })).toThrow(RangeError);
  });
});

const inDoubles: Float64Reference = (operands, { scale, marginRadians }) =>
  cosineLoss(operands, scale!, (cosine) => classicArc(cosine, marginRadians!));

describeFaceLoss(arcFace, inDoubles, [{}, { hyperparameters: { scale: 16, marginRadians: 1.2 } }]);
