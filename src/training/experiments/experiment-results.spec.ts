import { describe, expect, it } from 'vitest';

import type { CrossedBootstrap } from './crossed-bootstrap.js';
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
    // Differences 0.3 and 0.2.
    expect(difference?.mean).toBeCloseTo(0.25, 12);
    expect(difference?.evidence).toBeUndefined();
  });

  it('corrects what redrawn persons and seeds say for the number of comparisons', () => {
    const runs = ['without', 'with', 'more', 'most'].flatMap((cell) => [
      run(cell, 1, 0.5),
      run(cell, 2, 0.6),
    ]);
    const four = ['without', 'with', 'more', 'most'].map((value) => ({
      name: value,
      values: { symmetry: value },
    }));
    const pValues: Record<string, number> = { with: 0.02, more: 0.01, most: 0.5 };
    const bootstrap = {
      difference: (_set: string, _figure: string, { other }: { other: string }) => ({
        interval: { lower: 0, upper: 1 },
        pValue: pValues[other],
      }),
    } as Partial<CrossedBootstrap> as CrossedBootstrap;
    const comparison = { axis: 'symmetry', baseline: 'without' };
    const { differences } = experimentResults(four, runs, comparison, [], bootstrap);
    // Holm: 3 · 0.01, 2 · 0.02, 0.5.
    expect(
      differences.map(({ other, evidence }) => [other, evidence?.adjustedPValue, evidence?.isBeyondChance]),
    ).toEqual([
      ['with', 0.04, true],
      ['more', 0.03, true],
      ['most', 0.5, false],
    ]);
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
