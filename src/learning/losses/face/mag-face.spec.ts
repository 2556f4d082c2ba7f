import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  clip,
  cosineLoss,
  type Float64Reference,
  mean,
  real,
} from '../../../../test/support/float64-losses.js';
import { magFace } from './mag-face.js';

describe('magFace', () => {
  // z = (3, 4), of norm 5, and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };
  const options = {
    scale: 2,
    lowestNorm: 1,
    highestNorm: 11,
    lowestMarginRadians: 0.2,
    highestMarginRadians: 0.7,
  };

  it('has a margin that grows with the norm', () => {
    // m(5) = 0.2 + 0.5 · 4 / 10 = 0.4: cos(θ_0 + 0.4) = 0.2411019; logits 2 (0.2411019, 0.8): log(1 + e^1.1177961).
    const { loss } = evaluateFaceLoss(magFace({ ...options, regulariserWeight: 0 }), operands);
    expect(loss).toBeCloseTo(1.4007167, 6);
  });

  it('rewards long embeddings', () => {
    // g(5) = 5 / 121 + 1 / 5 = 0.2413223.
    const { loss } = evaluateFaceLoss(magFace({ ...options, regulariserWeight: 10 }), operands);
    expect(loss).toBeCloseTo(1.4007167 + 2.4132231, 5);
    // Alone: its slope by the norm is 1 / 121 - 1 / 25, along (0.6, 0.8).
    const alone = magFace({
      ...options,
      lowestMarginRadians: 0.3,
      highestMarginRadians: 0.3,
      regulariserWeight: 1,
    });
    const without = magFace({
      ...options,
      lowestMarginRadians: 0.3,
      highestMarginRadians: 0.3,
      regulariserWeight: 0,
    });
    const [x, y] = [0, 1].map(
      (axis) =>
        evaluateFaceLoss(alone, operands).embeddingGradient[0]![axis]! -
        evaluateFaceLoss(without, operands).embeddingGradient[0]![axis]!,
    );
    expect(x).toBeCloseTo(0.6 * (1 / 121 - 1 / 25), 6);
    expect(y).toBeCloseTo(0.8 * (1 / 121 - 1 / 25), 6);
  });

  it('leaves the margin out behind a right angle', () => {
    // z = (-4, 3): cos θ = (-0.8, 0.6); logits 2 (-0.8, 0.6): log(1 + e^2.8) = 2.8590328.
    const behind = { ...operands, embeddings: [[-4, 3]] };
    const { loss } = evaluateFaceLoss(magFace({ ...options, regulariserWeight: 0 }), behind);
    expect(loss).toBeCloseTo(2.8590328, 6);
  });

  it('holds norms to their range, with no gradient by the norm beyond', () => {
    const at = (norm: number) =>
      evaluateFaceLoss(magFace(options), { ...operands, embeddings: [[0.6 * norm, 0.8 * norm]] });
    expect(at(0.5).loss).toBeCloseTo(at(1).loss, 5);
    expect(at(50).loss).toBeCloseTo(at(11).loss, 5);
    const [x, y] = at(50).embeddingGradient[0]!;
    expect(Math.abs(0.6 * x! + 0.8 * y!)).toBeLessThan(1e-7);
  });

  it('refuses bounds in the wrong order', () => {
    expect(() => magFace({ lowestNorm: 20, highestNorm: 20 })).toThrow(
      'highestNorm must be above lowestNorm, 20, and is 20',
    );
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, lowestNorm, highestNorm, lowestMarginRadians, highestMarginRadians } = hyperparameters;
  return (embeddings, weight, scalars) => {
    const norms = embeddings.map((embedding) => clip(Math.hypot(...embedding), lowestNorm!, highestNorm!));
    const slope = (highestMarginRadians! - lowestMarginRadians!) / (highestNorm! - lowestNorm!);
    const identity = cosineLoss(operands, scale!, (cosine, row) => {
      const margin = lowestMarginRadians! + slope * (norms[row]! - lowestNorm!);
      return cosine > 0 ? Math.cos(Math.acos(cosine) + margin) : cosine;
    })(embeddings, weight, scalars);
    const g = norms.map((norm) => norm / highestNorm! ** 2 + 1 / norm);
    return identity + hyperparameters['regulariserWeight']! * mean(real(operands, g));
  };
};

describeFaceLoss(magFace, inDoubles, [
  {},
  { hyperparameters: { scale: 16, lowestNorm: 0.5, highestNorm: 6, regulariserWeight: 3 } },
  { hyperparameters: { lowestNorm: 1, highestNorm: 2.5, lowestMarginRadians: 0, regulariserWeight: 0 } },
]);
