import { expect, it } from 'vitest';

import { evaluateFaceLoss } from '../support/face-loss-cases.js';
import { describeFaceLoss } from '../support/face-loss-contract.js';
import { classicArc, cosineLoss, type Float64Reference } from '../support/float64-losses.js';
import { combinedMargin } from './combined-margin.js';

it('combines the margins of ArcFace and CosFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = { embeddings: [[3, 4]], weight: [[2, 0], [0, 5]], labels: [0] }; // prettier-ignore
  const loss = combinedMargin({ scale: 2, marginRadians: Math.PI / 6, marginCosine: 0.1 });
  // cos(θ_0 + π/6) - 0.1 = 0.0196152; logits (0.0392305, 1.6): log(1 + e^1.5607695) = 1.7513687.
  expect(evaluateFaceLoss(loss, operands).loss).toBeCloseTo(1.7513687, 6);
});

const inDoubles: Float64Reference = (operands, { scale, marginRadians, marginCosine }) =>
  cosineLoss(operands, scale!, (cosine) => classicArc(cosine, marginRadians!) - marginCosine!);

describeFaceLoss(combinedMargin, inDoubles, [{}, { hyperparameters: { scale: 16, marginRadians: 1.2 } }]);
