import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/storage/weights/safetensors.js';
import type { BackboneManifest } from '../../src/core/models/manifest.js';
import type { ExperimentResults } from '../../src/training/experiments/experiment-results.js';
import { isFullSuite } from '../support/full-suite.js';
import { imageNetBackbone, imageNetNetwork } from '../support/small-networks.js';
import { runInFolder } from '../support/training-command.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const pictures = picturesOfPersons(6, 4);

const design = '{ design: shufflefacenet-x0.5, embeddingSize: 16, input: 112x96 }';
const backbone = isFullSuite ? design : imageNetBackbone();

const experiment = `
name: small
base:
  data:
    format: identity-folder
    path: faces
    kind: aligned-crop
    identities: { holdOut: [person-4, person-5] }
  backbone: ${backbone}
  loss: { name: arcface, scale: 16, marginRadians: 0.3 }
  epochs: 4
  batchSize: 6
  learningRate: { initial: 0.02, dropEpochs: [1] }
  evaluate: { heldOutPairs: 12 }
  evaluateEverySteps: 100000
  checkpointEverySteps: 2
matrix:
  method:
    without: { symmetry: null }
    with: { symmetry: { compare: unit } }
seeds: [1, 2]
compare: method
`;

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

const experimentArguments = ['experiment', '--config', 'small.yaml', '--output', 'small', '--threads', '1'];

/** In this process; the runs are processes of their own in any case. */
async function run(folder: string, ...options: readonly string[]) {
  return runInFolder(folder, [...experimentArguments, ...options]);
}

/** As {@link run}, in a process that can be stopped. */
function start(folder: string, ...options: readonly string[]): Started {
  const child = spawn(process.execPath, [command, ...experimentArguments, ...options], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { child, ended };
}

/** Waits until a file has some text, while the process goes on. */
async function written(path: string, text: string, { child }: Started): Promise<void> {
  while (!(await readFile(path, 'utf8').catch(() => '')).includes(text)) {
    if (child.exitCode !== null) throw new Error(`it ended before ${path} had ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('symface experiment', () => {
  let folder: string;
  const inRun = (...path: readonly string[]) => join(folder, 'small', ...path);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-experiment-'));
    await writeTaggedFaces(join(folder, 'faces'), pictures);
    await writeFile(join(folder, 'small.yaml'), experiment);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('says what it would run, and refuses what is wrong before anything runs', async () => {
    const { code, out } = await run(folder, '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('small: 2 configurations x 2 seeds; 0 of 4 runs finished, 4 not finished.');
    expect(out).toMatch(/with +2 +0 % of 4 epochs +with\/seed-2/u);
    const wrong = await run(folder, '--set', 'loss.margin=1');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('small.yaml, cell without: arcface has no hyperparameter margin');
    expect(await readdir(folder)).not.toContain('small');
  });

  it('stops its runs with checkpoints, goes on with them, and compares what it trained', async () => {
    const stopped = start(folder);
    const checkpoints = inRun('without', 'seed-1', 'checkpoints');
    await written(join(checkpoints, 'step-000000002', 'position.json'), 'runDigest', stopped);
    stopped.child.kill('SIGTERM');
    const stop = await stopped.ended;
    expect(stop.err).toContain('without, seed 1: stopped');
    expect(stop.code).toBe(130);
    const before = Math.max(...(await readdir(checkpoints)).map((name) => Number(name.replace('step-', ''))));
    expect(before).toBeLessThan(12);

    const { code, out, err } = await run(folder, '--jobs', '2');
    expect(await readFile(inRun('without', 'seed-1', 'output.log'), 'utf8')).toContain(
      `goes on after step ${before}`,
    );
    expect(err).toMatch(/\[4\/4\] .* seed \d: finished, held-out [\d.]+ % \(\d+ .*\)/u);
    expect(out).toContain('4 of 4 runs finished.');
    expect(code).toBe(0);
    requireResults(JSON.parse(await readFile(inRun('results.json'), 'utf8')) as ExperimentResults);
    expect(await readFile(inRun('results.md'), 'utf8')).toContain(
      '| without → with | held-out | accuracy, points | 2 |',
    );
    const page = await readFile(inRun('report.html'), 'utf8');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|src=|href=|NaN/u);
  }, 180_000);

  it('averages the weights of runs that began from the same, and measures and exports the mean', async () => {
    await writeFile(join(folder, 'plain.onnx'), imageNetNetwork(0.1, { hasNorm: false }));
    // A network without statistics, whose mean is one.
    const exported = '{ onnx: small/without/seed-1/model/backbone.onnx }';
    const parent = isFullSuite ? exported : imageNetBackbone('plain.onnx');
    const averaged = experiment
      .replace('name: small', 'name: averaged')
      .replace(/backbone: .*/u, `backbone: ${parent}`)
      .replace('epochs: 4', 'epochs: 1')
      .replace('dropEpochs: [1]', 'dropEpochs: []')
      .replace(/ {4}without: .*\n/u, '')
      .replace('compare: method', 'averageWeights: true');
    await writeFile(join(folder, 'averaged.yaml'), averaged);
    const options = ['--config', 'averaged.yaml', '--output', 'averaged'] as const;
    const { code, err, out } = await run(folder, ...options);
    expect(err).toContain('with: mean of the weights of 2 runs');
    expect(out).toContain('Mean of the weights of all seeds');
    expect(code).toBe(0);
    const results = JSON.parse(
      await readFile(join(folder, 'averaged', 'results.json'), 'utf8'),
    ) as ExperimentResults;
    expect(results.means.map(({ cell }) => cell)).toEqual(['with']);
    // Measured on what its runs were measured on, by the same figures.
    const ofRun = results.runs[0]?.figures?.sets['held-out'];
    expect(Object.keys(results.means[0]?.sets['held-out'] ?? {})).toEqual(
      Object.keys(ofRun ?? { no: 'run' }),
    );

    const read = async (run: string) =>
      readSafetensors(await readFile(join(folder, 'averaged', 'with', run, 'model', 'weights.safetensors')));
    const [one, two, mean] = [await read('seed-1'), await read('seed-2'), await read('mean')];
    for (const [name, { values }] of mean) {
      const expected = values.map((_, at) => (one.get(name)!.values[at]! + two.get(name)!.values[at]!) / 2);
      expect([...values]).toEqual([...expected]);
    }
    const manifest = join(folder, 'averaged', 'with', 'mean', 'model', 'manifest.json');
    const { source, training } = JSON.parse(await readFile(manifest, 'utf8')) as BackboneManifest;
    expect(source).toMatch(/, arcface \+ SymFace, mean of the weights of seeds 1, 2$/u);
    expect(training).toMatchObject({ configuration: 'averaged.with', seeds: [1, 2], steps: 3 });
    expect(training?.data).toMatchObject({ identityCount: 4, faceCount: 16 });

    // What was made of the same runs is not made again.
    const record = join(folder, 'averaged', 'with', 'mean', 'mean.json');
    const { mtimeMs } = await stat(record);
    expect((await run(folder, ...options)).code).toBe(0);
    expect((await stat(record)).mtimeMs).toBe(mtimeMs);
  }, 180_000);

  it('goes a part of the way to the mean, without training anything again', async () => {
    const configuration = await readFile(join(folder, 'averaged.yaml'), 'utf8');
    const weightsAt = async (share: number) => {
      const part = configuration.replace('Weights: true', `Weights: { trainedShare: ${share} }`);
      await writeFile(join(folder, 'averaged.yaml'), part);
      const { code, err } = await run(folder, '--config', 'averaged.yaml', '--output', 'averaged');
      expect(err).toContain('averaged: 2 runs, 2 of them finished before');
      expect(code, err).toBe(0);
      const model = join(folder, 'averaged', 'with', 'mean', 'model');
      return readSafetensors(await readFile(join(model, 'weights.safetensors')));
    };
    const [parent, half, mean] = [await weightsAt(0), await weightsAt(0.5), await weightsAt(1)];
    expect(parent).not.toEqual(mean);
    for (const [name, { values }] of half) {
      values.forEach((value, at) => {
        expect(value).toBeCloseTo((parent.get(name)!.values[at]! + mean.get(name)!.values[at]!) / 2, 6);
      });
    }
  }, 60_000);

  it('refuses to average runs that begin from drawn weights, before anything runs', async () => {
    await writeFile(
      join(folder, 'drawn.yaml'),
      experiment
        .replace(/backbone: .*/u, `backbone: ${design}`)
        .replace('compare: method', 'compare: method\naverageWeights: true'),
    );
    const { code, err } = await run(folder, '--config', 'drawn.yaml', '--output', 'drawn');
    expect(code).toBe(2);
    expect(err).toContain(
      'averageWeights: the runs of without have no mean: they begin from weights that each',
    );
    expect(await readdir(folder)).not.toContain('drawn');
  });

  it('keeps what is finished, reports a run that diverges, and goes on with the others', async () => {
    await killBeforeItsEvaluation(inRun('with', 'seed-1'));
    const diverging = 'matrix:\n  method:\n    diverging: { loss: { scale: 1.0e+38 } }';
    const more = experiment.replace('matrix:\n  method:', diverging).replace('[1, 2]', '[1]');
    await writeFile(
      join(folder, 'small.yaml'),
      more.replace('compare: method', 'compare: { axis: method, baseline: without }'),
    );
    const { code, out, err } = await start(folder).ended;
    expect(err).toContain('small: 3 runs, 1 of them finished before');
    expect(err).toMatch(/with, seed 1: finished, held-out [\d.]+ %/u);
    expect(err).toMatch(/diverging, seed 1: failed: TRAINING_DIVERGED: The .* of a step is/u);
    expect(out).toContain('2 of 3 runs finished, 1 failed.');
    expect(code).toBe(2);
    const markdown = await readFile(inRun('results.md'), 'utf8');
    expect(markdown).toContain('| diverging | 1 | failed | TRAINING_DIVERGED |');
    expect(markdown).toContain('one seed cannot tell');
    expect(markdown).toMatch(/\| diverging \| 0 of 1 \| - \|/u);
  }, 60_000);

  it('refuses another configuration where something was trained', async () => {
    const { code, err } = await run(folder, '--set', 'learningRate.initial=0.03');
    expect(code).toBe(2);
    expect(err).toContain('("initial: 0.02" is now "initial: 0.03"). Choose another --output, or --restart');
  });
});

/** Makes a finished run as a kill would have left it between its last step and its last evaluation. */
async function killBeforeItsEvaluation(runFolder: string): Promise<void> {
  await rm(join(runFolder, 'outcome.json'));
  const log = await readFile(join(runFolder, 'log.jsonl'), 'utf8');
  const steps = log.split('\n').filter((line) => !line.includes('"evaluation"'));
  await writeFile(join(runFolder, 'log.jsonl'), steps.join('\n'));
}

function requireResults({ runs, cells, differences }: ExperimentResults): void {
  expect(runs.map(({ cell, seed, state }) => `${cell} ${seed} ${state}`)).toEqual([
    'without 1 finished',
    'with 1 finished',
    'without 2 finished',
    'with 2 finished',
  ]);
  const [without, symmetric] = cells;
  // 16 faces, 8 symmetric ones, of which 2 are split.
  expect(without?.training['samplesPerEpoch']).toMatchObject({ count: 2, mean: 16 });
  expect(symmetric?.training['samplesPerEpoch']).toMatchObject({ count: 2, mean: 18 });
  expect(Object.keys(without?.training ?? {})).not.toContain('symmetryLoss');
  expect(symmetric?.training['symmetryLoss']?.mean).toBeGreaterThan(0);
  expect(Object.keys(symmetric?.sets['held-out'] ?? {})).toEqual(
    expect.arrayContaining([
      'accuracy',
      'equalErrorRate',
      'areaUnderCurve',
      'interClassVariance',
      'halfDistance',
    ]),
  );
  const accuracy = differences.filter(({ figure }) => figure === 'accuracy');
  expect(accuracy).toHaveLength(1);
  expect(accuracy[0]).toMatchObject({ baseline: 'without', other: 'with', set: 'held-out', count: 2 });
  // By persons of the held-out pairs and two seeds.
  expect(accuracy[0]?.evidence?.adjustedPValue).toBeGreaterThan(0);
}
