import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../core/random/seeded-random.js';
import { fitLookGate, isAdaptedLook, passingShare, withRaisedBar } from './look-gate.js';

const uniform = uniformGenerator(5);
/** Looks around a place, in numbers of very different sizes. */
const around = (x: number, y: number, count: number): number[][] =>
  Array.from({ length: count }, () => [x + uniform() - 0.5, 1000 * (y + uniform() - 0.5), 7]);

describe('fitLookGate', () => {
  it('tells looks apart that a plane separates, also those that it was not fitted to', () => {
    const gate = fitLookGate(around(0, 0, 200), around(1, 1.5, 50));
    expect(passingShare(gate, around(0, 0, 100))).toBeGreaterThan(0.97);
    expect(passingShare(gate, around(1, 1.5, 100))).toBeLessThan(0.03);
  });

  it('lies in the middle, however many there are of each kind', () => {
    // Both kinds are one line apart: by symmetry the gate is between them.
    const gate = fitLookGate(new Array(90).fill([0]), new Array(10).fill([1]));
    expect(-gate.bias / gate.weights[0]!).toBeCloseTo(0.5, 6);
    expect(isAdaptedLook(gate, [0.4])).toBe(true);
    expect(isAdaptedLook(gate, [0.6])).toBe(false);
  });

  it('finds the weights that maximise the penalised likelihood', () => {
    const [adapted, general] = [around(0, 0, 40), around(0.5, 0.5, 60)];
    const gate = fitLookGate(adapted, general);
    const likelihood = (weights: ArrayLike<number>, bias: number): number => {
      const logit = (look: number[]): number =>
        look.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), bias);
      const mean = (looks: number[][], sign: number): number =>
        looks.reduce((sum, look) => sum - Math.log1p(Math.exp(-sign * logit(look))) / looks.length / 2, 0);
      const penalty = [0, 1].reduce((sum, at) => {
        const meanOf = (of: (value: number) => number): number =>
          [adapted, general].reduce(
            (total, looks) =>
              total + looks.reduce((part, look) => part + of(look[at]!) / looks.length / 2, 0),
            0,
          );
        const middle = meanOf((value) => value);
        const variance = meanOf((value) => (value - middle) ** 2);
        return sum + 0.0005 * (weights[at] ?? 0) ** 2 * variance;
      }, 0);
      return mean(adapted, 1) + mean(general, -1) - penalty;
    };
    const best = likelihood(gate.weights, gate.bias);
    for (const [at, step] of [
      [0, 0.05],
      [0, -0.05],
      [1, 0.0001],
      [1, -0.0001],
    ] as const) {
      const moved = Float32Array.from(gate.weights, (weight, index) => weight + (index === at ? step : 0));
      expect(likelihood(moved, gate.bias)).toBeLessThan(best);
    }
  });

  it('needs looks of both kinds', () => {
    expect(() => fitLookGate([], [[1]])).toThrow('both kinds');
  });
});

describe('withRaisedBar', () => {
  const gate = { weights: Float32Array.of(1), bias: 0 };
  /** Logits of 1 to 100. */
  const looks = Array.from({ length: 100 }, (_, at) => [at + 1]);

  it('lets 99 % of the looks pass, and fewer others', () => {
    const raised = withRaisedBar(gate, looks);
    expect(passingShare(raised, looks)).toBe(0.98);
    expect(isAdaptedLook(raised, [2])).toBe(false);
    expect(isAdaptedLook(raised, [2.5])).toBe(true);
  });

  it('lowers none', () => {
    const low = looks.map(([value = 0]) => [value - 50]);
    expect(withRaisedBar(gate, low)).toEqual(gate);
  });
});
