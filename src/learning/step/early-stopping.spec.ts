import { describe, expect, it } from 'vitest';

import { EarlyStopping, type EvaluationHistory } from './early-stopping.js';

const weightsOf = (step: number) => new Map([['w', { shape: [1], values: Float32Array.of(step) }]]);
const evaluated = (step: number, figure: number) => ({ step, figure, weights: weightsOf(step) });

function after(figures: readonly number[], minimumImprovement = 0): EarlyStopping {
  const stopping = new EarlyStopping({ patience: 2, minimumImprovement });
  figures.forEach((figure, index) => {
    stopping.add(evaluated(index + 1, figure));
  });
  return stopping;
}

describe('EarlyStopping', () => {
  it('keeps the best step with its weights', () => {
    expect(after([0.5, 0.9, 0.7]).history).toEqual({
      best: evaluated(2, 0.9),
      lastStep: 3,
      evaluationsSince: 1,
    });
  });

  it('is over after as many evaluations in a row without a better one as its patience', () => {
    expect(after([0.9, 0.8]).isOver).toBe(false);
    expect(after([0.9, 0.8, 0.7]).isOver).toBe(true);
    expect(after([0.9, 0.8, 1, 0.7]).isOver).toBe(false);
  });

  it('keeps the earlier of two that are the same', () => {
    const stopping = after([0.9, 0.9, 0.9]);
    expect(stopping.history?.best.step).toBe(1);
    expect(stopping.isOver).toBe(true);
  });

  it('takes a gain that is too small for none, also where such gains add up slowly', () => {
    expect(after([0.9, 0.904, 0.908], 0.01).isOver).toBe(true);
    expect(after([0.9, 0.904, 0.911], 0.01).history).toMatchObject({
      best: { step: 3 },
      evaluationsSince: 0,
    });
  });

  it('passes over a step that was evaluated already', () => {
    const stopping = after([0.9, 0.8]);
    stopping.add(evaluated(2, 0.95));
    expect(stopping.history).toMatchObject({ best: { step: 1 }, evaluationsSince: 1 });
  });

  it('goes on from what is known', () => {
    const known: EvaluationHistory = { best: evaluated(4, 0.9), lastStep: 6, evaluationsSince: 1 };
    const stopping = new EarlyStopping({ patience: 2, minimumImprovement: 0 }, known);
    stopping.add(evaluated(8, 0.9));
    expect(stopping.isOver).toBe(true);
    expect(stopping.history?.best).toEqual(evaluated(4, 0.9));
  });
});
