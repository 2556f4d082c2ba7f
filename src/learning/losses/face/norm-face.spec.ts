import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import { cosineLoss, type Float64Reference } from '../../../../test/support/float64-losses.js';
import { normFace } from './norm-face.js';

describe('normFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };

  it('is the cross entropy of scaled cosines', () => {
    // Logits (1.2, 1.6): log(1 + e^0.4), and 0.4 less for the other label.
    expect(evaluateFaceLoss(normFace({ scale: 2 }), operands).loss).toBeCloseTo(0.9130153, 6);
    expect(evaluateFaceLoss(normFace({ scale: 2 }), { ...operands, labels: [1] }).loss).toBeCloseTo(
      0.5130153,
      6,
    );
  });

  it('has a gradient along the sphere only', () => {
    // p_1 = e^0.4 / (1 + e^0.4) = 0.5986877; the cosines' gradient is 2 (-p_1, p_1) = (-1.1973753, 1.1973753) = g.
    // Less its part along u = (0.6, 0.8), 0.2394751, and over the norm 5: ((-1.1973753 - 0.1436850) / 5, ...).
    const { embeddingGradient, weightGradient } = evaluateFaceLoss(normFace({ scale: 2 }), operands);
    expect(embeddingGradient[0]![0]).toBeCloseTo(-0.2682121, 6);
    expect(embeddingGradient[0]![1]).toBeCloseTo(0.2011591, 6);
    // Class 0: g_0 (u - w cos θ_0) / 2 = -1.1973753 (0, 0.8) / 2; class 1: g_1 (u - w cos θ_1) / 5.
    expect(weightGradient[0]![0]).toBeCloseTo(0, 6);
    expect(weightGradient[1]![0]).toBeCloseTo(-0.4789501, 6);
    expect(weightGradient[0]![1]).toBeCloseTo(0.143685, 6);
    expect(weightGradient[1]![1]).toBeCloseTo(0, 6);
  });

  it.each([0, -1, NaN, Infinity])('refuses a scale of %d', (scale) => {
    expect(() => normFace({ scale })).toThrow(RangeError);
  });
});

const inDoubles: Float64Reference = (operands, { scale }) => cosineLoss(operands, scale!, (cosine) => cosine);

describeFaceLoss(normFace, inDoubles, [{}]);
