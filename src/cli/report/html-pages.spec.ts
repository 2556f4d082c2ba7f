import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import type { WorstPair__Output } from '../../generated/symface/v1/WorstPair.js';
import { trainingHtml } from '../../training/report/training-html.js';
import type { TrainingConfiguration } from '../../training/configuration/training-configuration.js';
import { experimentResults } from '../../training/experiments/experiment-results.js';
import { benchmarkHtml } from './benchmark-html.js';
import { experimentHtml } from './experiment-html.js';

const hostile = `</pre></title><script>alert(1)</script>'" onerror="alert(2)" x='`;

/** The elements of a page, with their attributes, without what stands between them. */
function tagsOf(page: string): readonly string[] {
  return page.match(/<[^>]*>/gu) ?? [];
}

/** That nothing of `hostile` is markup in the page that `pageOf` makes of it. */
function expectHarmless(pageOf: (name: string) => string): void {
  const [page, harmless] = [pageOf(hostile), pageOf('name')];
  expect(page).toContain('&lt;script&gt;alert(1)');
  // The same elements as for a name without anything to escape; in attributes there is but the escaped name.
  const escaped = /&lt;\/pre&gt;.*? x=&#39;/gu;
  expect(tagsOf(page.replaceAll(escaped, 'name'))).toEqual(tagsOf(harmless));
}

const run: BenchmarkRun__Output = {
  name: 'benchmarkRuns/1',
  dataset: 'datasets/lfw',
  modelVersion: 'modelVersions/net',
  detectorVersion: 'modelVersions/det',
  codeVersion: '1.0.0',
  facelessPolicy: 'FACELESS_POLICY_DIFFERENT',
  imageCount: 2,
  finishedImageCount: 2,
  imagesPerSecond: 0,
  report: null,
  createTime: '2026-01-01T00:00:00Z',
};

const report = {
  accuracy: { mean: 0.9, standardDeviation: 0.01, folds: [{ distanceThreshold: 1, accuracy: 0.9 }] },
  curve: [
    { falseMatchRate: 0.01, trueAcceptRate: 0.8 },
    { falseMatchRate: 1, trueAcceptRate: 1 },
  ],
  histogram: { genuine: [0, 1, 3], impostor: [0, 3, 1] },
} as unknown as VerificationReport;

describe('pages', () => {
  it('of a benchmark show names and images as text', () => {
    expectHarmless((name) => {
      const image = { name, alignedPng: Buffer.from('png') };
      const pair: WorstPair__Output = { similarity: 0.5, first: image, second: null };
      const worst = { falseMatches: [pair], falseNonMatches: [] };
      const named = { ...run, dataset: name, modelVersion: name, codeVersion: name };
      return benchmarkHtml(named, report, worst);
    });
    expectHarmless((name) => benchmarkHtml(run, report, name));
  });

  it('of a training show its settings and data sets as text', () => {
    const figures = {
      accuracyMean: 0.9,
      accuracyStandardDeviation: 0,
      equalErrorRate: 0.1,
      areaUnderCurve: 0.9,
      trueAcceptRates: [],
    };
    expectHarmless((name) =>
      trainingHtml({ name } as TrainingConfiguration, [
        { kind: 'evaluation', step: 1, set: name, halfDistance: 0.5, ...figures },
      ]),
    );
  });

  it('of an experiment show cells, axes and failures as text', () => {
    expectHarmless((name) => {
      const axis = (title: string) => ({ name: title, values: [{ name, settings: {} }] });
      const cells = [{ name, values: { [name]: name, loss: name } }];
      const plan = {
        name,
        axes: [axis(name), axis('loss')],
        cells,
        seeds: [1],
        plotAxis: 'loss',
        runs: [],
        means: [],
        comparison: undefined,
      } as unknown as Parameters<typeof experimentHtml>[0];
      const sets = { [name]: { accuracy: 0.5 } };
      const training = { faceCount: 1, samplesPerEpoch: 1, faceLoss: 1 };
      const runs = [
        { cell: name, seed: 1, state: 'finished', figures: { training, sets } },
        { cell: name, seed: 2, state: 'failed', failure: { message: name } },
      ] as const;
      return experimentHtml(plan, experimentResults(cells, runs, plan.comparison));
    });
  });
});

it('no markup is written but in templates that escape', () => {
  const folders = ['../plot/', './', '../drawing/', '../../training/report/'].map(
    (folder) => new URL(folder, import.meta.url),
  );
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && file !== 'html.ts')
      .map((file) => new URL(file, folder)),
  );
  expect(files.length).toBeGreaterThan(10);
  for (const file of files)
    expect(readFileSync(file, 'utf8'), file.pathname).not.toMatch(/(?<!html)[`'"]\s*<[!/a-z]/u);
});
