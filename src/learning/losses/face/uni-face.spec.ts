import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  type Float64Reference,
  mean,
  real,
  sample,
  softplus,
} from '../../../../test/support/float64-losses.js';
import { uniFace } from './uni-face.js';

describe('uniFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8). b = log 20 = 2.9957323.
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };

  it('decides for each class whether it is the own one, and adds up', () => {
    // log(1 + e^-(2 (0.6 - 0.4) - b)) = 2.6676726 and log(1 + e^(2 · 0.8 - b)) = 0.2212631.
    expect(evaluateFaceLoss(uniFace({ scale: 2 }), operands).loss).toBeCloseTo(2.8889357, 6);
  });

  it('weighs the other classes', () => {
    // 2.6676726 + 0.2212631 / 2
    const { loss } = evaluateFaceLoss(uniFace({ scale: 2, negativeWeight: 0.5 }), operands);
    expect(loss).toBeCloseTo(2.7783042, 6);
  });

  it('trains its threshold', () => {
    // b = log 20 + 0.5: the loss is 3.2799236. Its slope by b: σ(b - 0.4) - σ(1.6 - b).
    const moved = evaluateFaceLoss(uniFace({ scale: 2 }), { ...operands, scalars: { bias: 0.5 } });
    expect(moved.loss).toBeCloseTo(3.2799236, 6);
    const b = Math.log(20) + 0.5;
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    expect(moved.scalarGradients['bias']).toBeCloseTo(sigmoid(b - 0.4) - sigmoid(1.6 - b), 6);
  });

  it('refuses a batch without its scalar', () => {
    const { embeddings, weight, labels } = operands;
    expect(() => evaluateFaceLoss({ ...uniFace(), scalars: [] }, { embeddings, weight, labels })).toThrow(
      'the batch of the face loss lacks the scalar bias',
    );
  });
});

const inDoubles: Float64Reference =
  (operands, { scale, marginCosine, negativeWeight }) =>
  (embeddings, weight, { bias = 0 }) => {
    const b = Math.log(10 * weight[0]!.length) + bias;
    const losses = operands.labels.map((label, row) =>
      sample(embeddings[row]!, weight, label)
        .cosines.map((cosine, column) =>
          column === label
            ? softplus(b - scale! * (cosine - marginCosine!))
            : negativeWeight! * softplus(scale! * cosine - b),
        )
        .reduce((sum, loss) => sum + loss, 0),
    );
    return mean(real(operands, losses));
  };

/** A cosine's own loss and those of the other classes each have a slope of s. */
const SLOPE = 3;

describeFaceLoss(
  uniFace,
  inDoubles,
  [
    {},
    { hyperparameters: { scale: 16, marginCosine: 0.2, negativeWeight: 0.5 }, scalars: { bias: -1.5 } },
    { scalars: { bias: 4 } },
  ],
  SLOPE,
);
