import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import { cosineLoss, type Float64Reference } from '../../../../test/support/float64-losses.js';
import { cosFace } from './cos-face.js';

describe('cosFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };

  it("takes the margin off the own class's cosine", () => {
    // Label 1: logits 2 (0.6, 0.8 - 0.4) = (1.2, 0.8): log(1 + e^0.4).
    const loss = cosFace({ scale: 2, marginCosine: 0.4 });
    expect(evaluateFaceLoss(loss, { ...operands, labels: [1] }).loss).toBeCloseTo(0.9130153, 6);
    // Label 0: logits 2 (0.2, 0.8) = (0.4, 1.6): log(1 + e^1.2) = 1.4632825.
    expect(evaluateFaceLoss(loss, operands).loss).toBeCloseTo(1.4632825, 6);
  });

  it('refuses a margin outside its range', () => {
    expect(() => cosFace({ marginCosine: -0.1 })).toThrow('marginCosine must be in [0, 2] and is -0.1');
  });
});

const inDoubles: Float64Reference = (operands, { scale, marginCosine }) =>
  cosineLoss(operands, scale!, (cosine) => cosine - marginCosine!);

describeFaceLoss(cosFace, inDoubles, [{}]);
