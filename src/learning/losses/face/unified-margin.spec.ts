import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  cosineLoss,
  type Float64Reference,
  monotonicCosine,
  sample,
} from '../../../../test/support/float64-losses.js';
import { arcFace } from './arc-face.js';
import { cosFace } from './cos-face.js';
import { unifiedMargin } from './unified-margin.js';

describe('unifiedMargin', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };
  const options = { scale: 2, angleFactor: 1.2, marginRadians: 0.3, marginCosine: 0.1 };

  it('multiplies the angle, adds to it and takes off its cosine', () => {
    // cos(1.2 θ_0 + 0.3) - 0.1 = 0.0573850; logits 2 (0.0573850, 0.8): log(1 + e^1.4852300).
    expect(evaluateFaceLoss(unifiedMargin(options), operands).loss).toBeCloseTo(1.6893541, 6);
  });

  it('goes on falling beyond π', () => {
    // z = (-4, 3): 1.2 θ_0 + 0.3 = 3.2977 is beyond π: -cos 3.2977 - 2 - 0.1 = -1.1121616; log(1 + e^3.4243231).
    const behind = { ...operands, embeddings: [[-4, 3]] };
    expect(evaluateFaceLoss(unifiedMargin(options), behind).loss).toBeCloseTo(3.4563752, 6);
  });

  it('counts another class that is too alike as one at a right angle', () => {
    // cos(θ_0 + π/6) = 0.1196152 against 0 in place of 0.8: log(1 + e^-0.2392305) = 0.5806688.
    const loss = unifiedMargin({ scale: 2, marginRadians: Math.PI / 6, conflictCosine: 0.7 });
    const { loss: value, weightGradient } = evaluateFaceLoss(loss, operands);
    expect(value).toBeCloseTo(0.5806688, 6);
    expect(weightGradient.map(([, other]) => Math.abs(other!))).toEqual([0, 0]);
    // 0.8 is not above 0.85: logits (0.2392305, 1.6), 1.5890704. The own class is never left out.
    const higher = unifiedMargin({ scale: 2, marginRadians: Math.PI / 6, conflictCosine: 0.85 });
    expect(evaluateFaceLoss(higher, operands).loss).toBeCloseTo(1.5890704, 6);
    const own = { ...operands, labels: [1] };
    const none = unifiedMargin({ scale: 2, marginRadians: 0, conflictCosine: 0.7 });
    expect(evaluateFaceLoss(none, own).loss).toBeCloseTo(Math.log1p(Math.exp(2 * (0.6 - 0.8))), 6);
  });

  it.each([
    ['ArcFace', arcFace(), unifiedMargin({})],
    ['CosFace', cosFace(), unifiedMargin({ marginRadians: 0, marginCosine: 0.4 })],
  ])('is %s where it has its margin', (_, expected, actual) => {
    const [one, other] = [expected, actual].map((loss) => evaluateFaceLoss(loss, operands));
    expect(other!.loss).toBeCloseTo(one!.loss, 4);
    expect(other!.embeddingGradient[0]![0]).toBeCloseTo(one!.embeddingGradient[0]![0]!, 4);
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, angleFactor, marginRadians, marginCosine, conflictCosine } = hyperparameters;
  const base = operands.labels.map((label, row) => sample(operands.embeddings[row]!, operands.weight, label));
  const isConflict = base.map(({ cosines }) => cosines.map((cosine) => cosine > conflictCosine!));
  return cosineLoss(
    operands,
    scale!,
    (cosine) => monotonicCosine(angleFactor! * Math.acos(cosine) + marginRadians!) - marginCosine!,
    (cosine, row, column) => (isConflict[row]![column]! ? 0 : cosine),
  );
};

/** m_1 sin φ / sin θ, with an angle of 30° or more. */
const SLOPE = 4;

describeFaceLoss(
  unifiedMargin,
  inDoubles,
  [
    {},
    { hyperparameters: { angleFactor: 1.6, marginRadians: 0.2, marginCosine: 0.1 } },
    { hyperparameters: { scale: 16, angleFactor: 1.35, conflictCosine: 0.3 } },
  ],
  SLOPE,
);
