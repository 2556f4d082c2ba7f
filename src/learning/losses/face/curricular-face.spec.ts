import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  classicArc,
  cosineLoss,
  type Float64Reference,
  mean,
  real,
  sample,
} from '../../../../test/support/float64-losses.js';
import { curricularFace } from './curricular-face.js';

describe('curricularFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };
  const options = { scale: 2, marginRadians: Math.PI / 6 };

  it('weighs a hard negative by t + cos θ', () => {
    // cos(θ_0 + π/6) = 0.1196152 < 0.8, so class 1 is hard. t = 0.2 + 0.5 (0.6 - 0.2) = 0.4: 0.8 (0.4 + 0.8) = 0.96;
    // logits 2 (0.1196152, 0.96): log(1 + e^1.6807695) = 1.8515502.
    const loss = curricularFace({ ...options, statisticsRate: 0.5 });
    const { loss: value, state } = evaluateFaceLoss(loss, { ...operands, state: { meanTargetCosine: 0.2 } });
    expect(value).toBeCloseTo(1.8515502, 6);
    expect(state['meanTargetCosine']).toBeCloseTo(0.4, 6);
  });

  it('leaves an easy negative alone', () => {
    // Label 1: cos(θ_1 + π/6) = 0.8 · 0.8660254 - 0.6 · 0.5 = 0.3928203; with z = (-4, 3), cos θ = (-0.8, 0.6):
    // cos(θ_1 + π/6) = 0.6 · 0.8660254 - 0.8 · 0.5 = 0.1196152 > -0.8. Logits 2 (-0.8, 0.1196152):
    // log(1 + e^-1.8392305) = 0.1475055.
    const easy = { ...operands, embeddings: [[-4, 3]], labels: [1] };
    expect(evaluateFaceLoss(curricularFace(options), easy).loss).toBeCloseTo(0.1475055, 6);
  });

  it('keeps t where all samples are padding', () => {
    const { state } = evaluateFaceLoss(curricularFace(options), {
      ...operands,
      sampleMask: [0],
      state: { meanTargetCosine: 0.25 },
    });
    expect(state).toEqual({ meanTargetCosine: 0.25 });
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, marginRadians, statisticsRate: rate } = hyperparameters;
  const base = operands.labels.map((label, row) => sample(operands.embeddings[row]!, operands.weight, label));
  const meanTarget = mean(real(operands, base).map(({ own }) => own));
  const t = (1 - rate!) * operands.state!['meanTargetCosine']! + rate! * meanTarget;
  const isHard = base.map(({ cosines, own }) =>
    cosines.map((cosine) => cosine > Math.cos(Math.acos(own) + marginRadians!)),
  );
  return cosineLoss(
    operands,
    scale!,
    (cosine) => classicArc(cosine, marginRadians!),
    (cosine, row, column) => (isHard[row]![column]! ? cosine * (t + cosine) : cosine),
  );
};

/** Hard negatives, cos θ (t + cos θ), have a slope of up to 3. */
const SLOPE = 3;

describeFaceLoss(
  curricularFace,
  inDoubles,
  [
    {},
    { hyperparameters: { scale: 16, marginRadians: 0.3 }, state: { meanTargetCosine: 0.6 } },
    { hyperparameters: { statisticsRate: 0.5 } },
  ],
  SLOPE,
);
