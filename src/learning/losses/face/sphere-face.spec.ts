import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  cosineLoss,
  type Float64Reference,
  monotonicCosine,
  sample,
} from '../../../../test/support/float64-losses.js';
import { ANNEALED_SPHERE_FACE, sphereFace } from './sphere-face.js';

describe('sphereFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };
  it("multiplies the own class's angle", () => {
    // cos 2θ_0 = 2 · 0.36 - 1 = -0.28; logits 2 (-0.28, 0.8): log(1 + e^2.16) = 2.2691460.
    expect(evaluateFaceLoss(sphereFace({ scale: 2, angleFactor: 2 }), operands).loss).toBeCloseTo(
      2.269146,
      6,
    );
    // cos 1.5θ_0 = 0.1788854: log(1 + e^1.2422291) = 1.4958940.
    expect(evaluateFaceLoss(sphereFace({ scale: 2, angleFactor: 1.5 }), operands).loss).toBeCloseTo(
      1.495894,
      6,
    );
  });

  it('goes on falling beyond π/m', () => {
    // θ_0 = 53.1° is beyond π/4: k = 1, ψ = -cos 4θ - 2 = -(8 · 0.1296 - 8 · 0.36 + 1) - 2 = -1.1568;
    // logits 2 (-1.1568, 0.8): log(1 + e^3.9136) = 3.9333717.
    const four = sphereFace({ scale: 2, angleFactor: 4 });
    expect(evaluateFaceLoss(four, operands).loss).toBeCloseTo(3.9333717, 6);
    // z = (-4, 3): θ_0 = 143.1° is beyond π/2, k = 1: ψ = -0.28 - 2 = -2.28; logits 2 (-2.28, 0.6):
    // log(1 + e^5.76) = 5.7631462.
    const behind = { ...operands, embeddings: [[-4, 3]] };
    expect(evaluateFaceLoss(sphereFace({ scale: 2, angleFactor: 2 }), behind).loss).toBeCloseTo(5.7631462, 5);
    // 1.5 θ_0 = 3.7471373 is beyond π: -cos 3.7471373 - 2 = -1.1778078: log(1 + e^3.5556156) = 3.5837791.
    expect(evaluateFaceLoss(sphereFace({ scale: 2, angleFactor: 1.5 }), behind).loss).toBeCloseTo(
      3.5837791,
      6,
    );
  });

  it('blends in the plain cosine by λ, which falls with the steps', () => {
    // λ = max(2, 12 / (1 + 0.5 · 6)) = 3: (3 · 0.6 - 1.1568) / 4 = 0.1608; logits 2 (0.1608, 0.8):
    // log(1 + e^1.2784) = 1.5240738.
    const annealing = { initialAnnealing: 12, annealingDecay: 0.5, finalAnnealing: 2 };
    const annealed = sphereFace({ scale: 2, angleFactor: 4, ...annealing });
    const { loss, state } = evaluateFaceLoss(annealed, { ...operands, state: { steps: 6 } });
    expect(loss).toBeCloseTo(1.5240738, 6);
    expect(state).toEqual({ steps: 7 });
  });

  it('is nearly plain softmax of cosines at first where λ begins at 1000', () => {
    // log(1 + e^(2 · 0.2)) = 0.9130153, up to 1/1001 of the difference.
    const annealed = sphereFace({ ...ANNEALED_SPHERE_FACE, scale: 2 });
    expect(evaluateFaceLoss(annealed, operands).loss).toBeCloseTo(0.913, 2);
  });

  it('has the gradient of cos θ, or its own', () => {
    // m = 2: p of the own class is 1 / (1 + e^2.16) = 0.1034012. By cos θ_0 the loss falls by s (1 - p) = 1.7931977, times
    // dψ / d cos θ = 4 cos θ_0 = 2.4 where the gradient goes through the margin. By z_0 of norm 5, cos θ_0 rises by
    // (1 - 0.36) / 5 and cos θ_1 falls by 0.48 / 5.
    const by = (gradientThroughMargin: number) => {
      const loss = sphereFace({ scale: 2, angleFactor: 2, gradientThroughMargin });
      return evaluateFaceLoss(loss, operands).embeddingGradient[0]![0]!;
    };
    expect(by(0)).toBeCloseTo(-1.7931977 * (0.128 + 0.096), 6);
    expect(by(1)).toBeCloseTo(-1.7931977 * (2.4 * 0.128 + 0.096), 6);
  });

  it('refuses a factor below 1, and a state without its steps', () => {
    expect(() => sphereFace({ angleFactor: 0.9 })).toThrow('angleFactor must be in [1, 8] and is 0.9');
    expect(() => evaluateFaceLoss(sphereFace(), { ...operands, state: {} })).toThrow(/lacks steps/);
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, angleFactor, initialAnnealing, annealingDecay, finalAnnealing } = hyperparameters;
  const steps = operands.state!['steps']!;
  const lambda = Math.max(finalAnnealing!, initialAnnealing! / (1 + annealingDecay! * steps));
  const blended = (cosine: number): number =>
    (lambda * cosine + monotonicCosine(angleFactor! * Math.acos(cosine))) / (1 + lambda);
  const detached = operands.labels.map((label, row) => {
    const { own } = sample(operands.embeddings[row]!, operands.weight, label);
    return blended(own) - own;
  });
  return cosineLoss(operands, scale!, (cosine, row) =>
    hyperparameters['gradientThroughMargin'] === 1 ? blended(cosine) : cosine + detached[row]!,
  );
};

/** m sin(mθ) / sin θ, with an angle of 30° or more. */
const SLOPE = 8;

describeFaceLoss(
  sphereFace,
  inDoubles,
  [
    {},
    { hyperparameters: ANNEALED_SPHERE_FACE, state: { steps: 7 } },
    { hyperparameters: { scale: 16, angleFactor: 4, gradientThroughMargin: 1 } },
    { hyperparameters: { angleFactor: 2.3, gradientThroughMargin: 1 }, state: { steps: 1e6 } },
  ],
  SLOPE,
);
