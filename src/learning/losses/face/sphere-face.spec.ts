import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import { cosineLoss, type Float64Reference } from '../../../../test/support/float64-losses.js';
import { sphereFace } from './sphere-face.js';

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
  const withoutAnnealing = { scale: 2, initialAnnealing: 0, finalAnnealing: 0 };

  it("multiplies the own class's angle", () => {
    // cos 2θ_0 = 2 · 0.36 - 1 = -0.28; logits 2 (-0.28, 0.8): log(1 + e^2.16) = 2.2691460.
    const { loss } = evaluateFaceLoss(sphereFace({ ...withoutAnnealing, angleFactor: 2 }), operands);
    expect(loss).toBeCloseTo(2.269146, 6);
  });

  it('goes on falling beyond π/m', () => {
    // θ_0 = 53.1° is beyond π/4: k = 1, ψ = -cos 4θ - 2 = -(8 · 0.1296 - 8 · 0.36 + 1) - 2 = -1.1568;
    // logits 2 (-1.1568, 0.8): log(1 + e^3.9136) = 3.9333717.
    expect(evaluateFaceLoss(sphereFace(withoutAnnealing), operands).loss).toBeCloseTo(3.9333717, 6);
    // z = (-4, 3): θ_0 = 143.1° is beyond π/2, k = 1: ψ = -0.28 - 2 = -2.28; logits 2 (-2.28, 0.6):
    // log(1 + e^5.76) = 5.7631462.
    const behind = { ...operands, embeddings: [[-4, 3]] };
    const { loss } = evaluateFaceLoss(sphereFace({ ...withoutAnnealing, angleFactor: 2 }), behind);
    expect(loss).toBeCloseTo(5.7631462, 6);
  });

  it('blends in the plain cosine by λ, which falls with the steps', () => {
    // λ = max(2, 12 / (1 + 0.5 · 6)) = 3: (3 · 0.6 - 1.1568) / 4 = 0.1608; logits 2 (0.1608, 0.8):
    // log(1 + e^1.2784) = 1.5240738.
    const annealed = sphereFace({ scale: 2, initialAnnealing: 12, annealingDecay: 0.5, finalAnnealing: 2 });
    const { loss, state } = evaluateFaceLoss(annealed, { ...operands, state: { steps: 6 } });
    expect(loss).toBeCloseTo(1.5240738, 6);
    expect(state).toEqual({ steps: 7 });
  });

  it('is nearly plain softmax of cosines at first: λ = 1000', () => {
    // log(1 + e^(2 · 0.2)) = 0.9130153, up to 1/1001 of the difference.
    expect(evaluateFaceLoss(sphereFace({ scale: 2 }), operands).loss).toBeCloseTo(0.913, 2);
  });

  it('refuses a factor that is not whole, and a state without its steps', () => {
    expect(() => sphereFace({ angleFactor: 1.5 })).toThrow('angleFactor must be whole and is 1.5');
    expect(() => evaluateFaceLoss(sphereFace(), { ...operands, state: {} })).toThrow(/lacks steps/);
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, angleFactor, initialAnnealing, annealingDecay, finalAnnealing } = hyperparameters;
  const steps = operands.state!['steps']!;
  const lambda = Math.max(finalAnnealing!, initialAnnealing! / (1 + annealingDecay! * steps));
  return cosineLoss(operands, scale!, (cosine) => {
    const angle = Math.acos(cosine);
    const k = Math.floor((angle * angleFactor!) / Math.PI);
    const psi = (-1) ** k * Math.cos(angleFactor! * angle) - 2 * k;
    return (lambda * cosine + psi) / (1 + lambda);
  });
};

describeFaceLoss(sphereFace, inDoubles, [
  {},
  { hyperparameters: { scale: 16, initialAnnealing: 0, finalAnnealing: 0 }, state: { steps: 7 } },
  { hyperparameters: { angleFactor: 2 }, state: { steps: 1e6 } },
]);
