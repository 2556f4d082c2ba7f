import { readdirSync, readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
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

/** The elements of a page with the names of their attributes: what markup there is, whatever its texts say. */
function markupOf(page: string): readonly string[] {
  return [...parseHTML(page).document.querySelectorAll('*')].map(
    (element) => `${element.tagName} ${element.getAttributeNames().join(' ')}`,
  );
}

/** That nothing of `hostile` is markup in the page that `pageOf` makes of it. */
function expectHarmless(pageOf: (name: string) => string): void {
  const [page, harmless] = [pageOf(hostile), pageOf('name')];
  expect(page).toContain('&lt;script>alert(1)');
  expect(page).not.toContain('<script');
  expect(markupOf(page)).toEqual(markupOf(harmless));
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
  genuinePairCount: 4,
  impostorPairCount: 4,
  facelessImageCount: 0,
  facelessPairCount: 0,
  trueAcceptRates: [
    {
      falseMatchRate: 0.1,
      trueAcceptRate: 0.9,
      interval: { lower: 0.8, upper: 0.95 },
      similarityThreshold: 0.4,
    },
  ],
  equalErrorRate: 0.1,
  areaUnderCurve: 0.95,
  meanEmbeddingNorm: 9.5,
  frontnessSlices: [{ symmetricFaceCount: 2, pairCount: 4, accuracy: 0.75 }],
  qualitySlices: [{ measure: 'sharpness', from: 1, to: 2, pairCount: 4, genuinePairCount: 2, accuracy: 0.5 }],
  accuracy: { mean: 0.9, standardDeviation: 0.01, folds: [{ distanceThreshold: 1, accuracy: 0.9 }] },
  curve: [
    { falseMatchRate: 0.01, trueAcceptRate: 0.8 },
    { falseMatchRate: 1, trueAcceptRate: 1 },
  ],
  histogram: { genuine: [0, 1, 3], impostor: [0, 3, 1] },
} as unknown as VerificationReport;

describe('pages', () => {
  it('have no script, and nothing that is fetched', () => {
    const page = benchmarkHtml(run, report, 'not known');
    expect(page).toMatch(/^<!doctype html>/u);
    expect(page).not.toMatch(/<script|<link|@import|url\(|src="(?!data:)|href=/u);
  });

  it('of a benchmark show figures as pictures, values as tables, and nothing as preformatted text', () => {
    const page = benchmarkHtml(run, report, 'not known');
    const titles = ['ROC', 'DET', 'Similarities', 'Accuracy on slices of the pairs'];
    for (const title of titles) expect(page).toContain(`aria-label="${title}. `);
    expect(page.match(/role="img"/gu)).toHaveLength(2 * titles.length);
    expect(page).not.toContain('<pre');
    expect(page).toContain('80.00 % to 95.00 %');
  });

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

it('no markup is written as text', () => {
  const folders = [
    './',
    '../drawing/',
    '../../training/report/',
    '../../figures/',
    '../../figures/report/',
  ].map((folder) => new URL(folder, import.meta.url));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => /(?<!\.spec)\.tsx?$/u.test(file))
      .map((file) => new URL(file, folder)),
  );
  expect(files.length).toBeGreaterThan(10);
  for (const file of files)
    expect(readFileSync(file, 'utf8'), file.pathname).not.toMatch(
      /[`'"]\s*<[!/a-z]|dangerouslySetInnerHTML/u,
    );
});
