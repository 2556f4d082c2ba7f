import { describe, expect, it } from 'vitest';

import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { CrossedBootstrap } from '../../training/experiments/crossed-bootstrap.js';
import { experimentResults, type ExperimentRun } from '../../training/experiments/experiment-results.js';
import { experimentCharts } from './experiment-charts.js';
import { experimentHtml } from './experiment-html.js';
import { experimentMarkdown } from './experiment-markdown.js';
import { experimentTables } from './experiment-tables.js';

const taus = ['0.1', '0.2'];
const losses = ['arcface', 'cosface'];
const cells = losses.flatMap((loss) =>
  taus.map((tau) => ({ name: `${loss}--${tau}`, values: { loss, tau } })),
);
const axis = (name: string, values: readonly string[]) => ({
  name,
  values: values.map((value) => ({ name: value, settings: {} })),
});
const plan: ExperimentPlan = {
  name: 'sweep',
  axes: [axis('loss', losses), axis('tau', taus)],
  cells,
  seeds: [1, 2],
  comparison: { axis: 'tau', baseline: '0.2' },
  plotAxis: 'tau',
  runs: [],
  means: [],
};

const run = (cell: string, seed: number, accuracy: number): ExperimentRun => ({
  cell,
  seed,
  state: 'finished',
  figures: {
    training: { faceCount: 1000, samplesPerEpoch: 1234, samplesSeen: 2500, faceLoss: 2 },
    sets: { lfw: { accuracy, equalErrorRate: 0.1, 'trueAcceptRate@1e-3': 0.5 } },
  },
});
const failure = { reason: 'TRAINING_DIVERGED', message: 'The loss | of a step <is> NaN.' } as const;
const runs: readonly ExperimentRun[] = [
  run('arcface--0.1', 1, 0.8),
  run('arcface--0.1', 2, 0.84),
  run('arcface--0.2', 1, 0.9),
  run('arcface--0.2', 2, 0.92),
  run('cosface--0.1', 1, 0.7),
  { cell: 'cosface--0.1', seed: 2, state: 'failed', failure },
  run('cosface--0.2', 1, 0.75),
  { cell: 'cosface--0.2', seed: 2, state: 'unfinished' },
];
const results = experimentResults(cells, runs, plan.comparison);

describe('experimentTables', () => {
  const tables = new Map(experimentTables(plan, results).map((table) => [table.title, table]));

  it('have mean ± standard deviation of each cell', () => {
    const lfw = tables.get('Verification: lfw');
    expect(lfw?.headings).toEqual(['loss', 'tau', 'seeds', 'accuracy, %', 'TAR at 1e-3, %', 'EER, %']);
    // Deviation of 0.8 and 0.84: 0.04 / √2.
    expect(lfw?.rows[0]).toEqual(['arcface', '0.1', '2', '82.00 ± 2.83', '50.00 ± 0.00', '10.00 ± 0.00']);
    expect(lfw?.rows[2]).toEqual(['cosface', '0.1', '1 of 2', '70.00', '50.00', '10.00']);
    expect(tables.get('Training')?.rows[0]).toEqual([
      'arcface',
      '0.1',
      '2',
      '1,000',
      '1,234',
      '2,500',
      '2.0000 ± 0.0000',
    ]);
  });

  it('have differences with their interval and a plain verdict', () => {
    const evidence = { interval: { lower: -0.2171, upper: 0.0371 }, pValue: 0.0004 };
    const bootstrap = {
      difference: (_set: string, figure: string, _cells: unknown, seeds: readonly number[]) =>
        figure === 'accuracy' && seeds.length > 1 ? evidence : undefined,
    } as Partial<CrossedBootstrap> as CrossedBootstrap;
    const compared = experimentResults(cells, runs, plan.comparison, [], bootstrap);
    const table = experimentTables(plan, compared).find(({ title }) => title.startsWith('Difference'));
    // -0.1 and -0.08.
    const points = ['accuracy, points', '2', '-9.00', '-21.71 to +3.71', '4.0e-4', '4.0e-4', 'yes'];
    expect(table?.rows[0]).toEqual(['arcface', '0.2 → 0.1', 'lfw', ...points]);
    const one = ['accuracy, points', '1', '-5.00', '-', '-', '-', 'one seed cannot tell'];
    expect(table?.rows.find(([loss]) => loss === 'cosface')).toEqual(['cosface', '0.2 → 0.1', 'lfw', ...one]);
    // While runs are missing there is no evidence.
    expect(tables.get('Difference along tau, paired by seed')?.rows[0]?.slice(-5)).toEqual([
      '-9.00',
      '-',
      '-',
      '-',
      '-',
    ]);
  });

  it('have what the mean of the weights of a cell came to, where it was taken', () => {
    expect([...tables.keys()]).not.toContain('Mean of the weights of all seeds');
    const sets = { lfw: { accuracy: 0.83, 'trueAcceptRate@1e-3': 0.5 }, cfp: { equalErrorRate: 0.2 } };
    const averaged = experimentResults(cells, runs, plan.comparison, [{ cell: 'arcface--0.2', sets }]);
    const table = experimentTables(plan, averaged).find(({ title }) =>
      title.startsWith('Mean of the weights'),
    );
    expect(table?.headings).toEqual(['loss', 'tau', 'set', 'accuracy, %', 'TAR at 1e-3, %', 'EER, %']);
    expect(table?.rows).toEqual([
      ['arcface', '0.2', 'lfw', '83.00', '50.00', '-'],
      ['arcface', '0.2', 'cfp', '-', '-', '20.00'],
    ]);
  });

  it('list all runs, and say which failed and why', () => {
    const rows = tables.get('All runs')?.rows ?? [];
    expect(rows).toHaveLength(runs.length);
    expect(rows[0]).toEqual(['arcface--0.1', '1', 'finished', '-', '-', '2,500', '-']);
    expect(rows[5]).toEqual(['cosface--0.1', '2', 'failed', failure.reason, failure.message, '-', '-']);
    expect([...tables.keys()]).toHaveLength(4);
  });
});

it('a page and a text say the same, and escape what they quote', () => {
  const page = experimentHtml(plan, results);
  const text = experimentMarkdown(plan, results);
  for (const written of [page, text]) {
    expect(written).toContain('sweep');
    expect(written).toContain('4 configurations x 2 seeds; 6 of 8 runs finished, 1 failed, 1 not finished.');
    expect(written).toContain('82.00 ± 2.83');
  }
  expect(text).toContain('The loss \\| of a step');
  expect(page).toContain('of a step &lt;is> NaN.');
});

describe('the chart along the axis', () => {
  const [chart] = experimentCharts(plan, results);

  it('has a series for each value of the others, with an interval where there are two seeds', () => {
    expect(chart?.legend.map(({ name }) => name)).toEqual(losses);
    const rows = chart?.table.rows.map(([series, tau, mean, lower]) => [
      series,
      tau,
      Number(mean).toFixed(2),
      lower !== '',
    ]);
    expect(rows).toEqual([
      ['arcface', '0.1', '0.82', true],
      ['arcface', '0.2', '0.91', true],
      ['cosface', '0.1', '0.70', false],
      ['cosface', '0.2', '0.75', false],
    ]);
  });

  it('has numbers where they belong on the axis', () => {
    const uneven = { ...plan, axes: [axis('tau', ['0.1', '0.2', '0.5'])] };
    const [only] = experimentCharts(uneven, results);
    const { x } = only?.options({ width: 500, isInteractive: false }) ?? {};
    expect(x).toMatchObject({ ticks: [0.1, 0.2, 0.5] });
  });

  it('is left out where nothing was measured yet', () => {
    const nothing = experimentHtml(plan, experimentResults(cells, [], plan.comparison));
    expect(nothing).not.toContain('<svg');
    expect(nothing).not.toContain('NaN');
  });
});
