import { describe, expect, it } from 'vitest';

import { experimentResults, type ExperimentRun } from './experiment-results.js';

const cells = ['without', 'with'].map((value) => ({ name: value, values: { symmetry: value } }));

function run(cell: string, seed: number, accuracy: number): ExperimentRun {
  const figures = { training: { faceLoss: accuracy * 10 }, sets: { lfw: { accuracy } } };
  return { cell, seed, state: 'finished', figures };
}

describe('experimentResults', () => {
  it('has means of cells and differences paired by seed', () => {
    const runs = [
      run('without', 1, 0.5),
      run('without', 2, 0.7),
      run('with', 2, 0.9),
      // Out of order: pairs are found by seed.
      run('with', 1, 0.8),
    ];
    const { cells: results, differences } = experimentResults(cells, runs, {
      axis: 'symmetry',
      baseline: 'without',
    });
    expect(results[0]?.sets['lfw']?.['accuracy']?.mean).toBeCloseTo(0.6, 12);
    expect(results[1]?.training['faceLoss']).toMatchObject({ count: 2, mean: 8.5 });
    expect(differences).toHaveLength(1);
    const [difference] = differences;
    expect(difference).toMatchObject({
      set: 'lfw',
      figure: 'accuracy',
      baseline: 'without',
      other: 'with',
      count: 2,
    });
    // Differences 0.3 and 0.2: mean 0.25, deviation 0.0707, half width 12.706 · 0.0707 / √2 = 0.6353.
    expect(difference?.mean).toBeCloseTo(0.25, 12);
    expect(difference?.interval?.upper).toBeCloseTo(0.25 + 0.6353, 3);
    expect(difference?.isBeyondChance).toBe(false);
  });

  it('leaves failed runs out, and cells of which none is finished without figures', () => {
    const failed: ExperimentRun = {
      cell: 'with',
      seed: 1,
      state: 'failed',
      failure: { reason: 'TRAINING_DIVERGED', message: 'The loss of a step is NaN.' },
    };
    const results = experimentResults(cells, [run('without', 1, 0.5), failed], {
      axis: 'symmetry',
      baseline: 'without',
    });
    expect(results.cells[1]).toEqual({ ...cells[1], training: {}, sets: {} });
    expect(results.differences).toEqual([]);
    expect(results.runs).toContain(failed);
  });
});
