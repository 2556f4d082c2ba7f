import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readExperiment, readExperimentCell } from './experiment-file.js';

const recipes = fileURLToPath(new URL('../../../recipes/experiments/', import.meta.url));
const paper = fileURLToPath(new URL('../../../recipes/paper/', import.meta.url));
const shipped = fileURLToPath(new URL('../../../recipes/shipped/', import.meta.url));

const base = `
name: base
data: { format: identity-folder, path: faces, kind: photograph }
backbone: { design: mobilefacenet }
loss: { name: arcface, scale: 32 }
epochs: 2
batchSize: 32
learningRate: { initial: 0.1 }
`;
const experiment = `
name: test
base: bases/base.yaml
matrix:
  loss:
    arcface: { loss: { scale: 64 } }
    cosface: { loss: { name: cosface, marginCosine: 0.3 } }
  symmetry:
    without: { symmetry: null }
    with: { symmetry: { tau: 0.3 } }
seeds: [7, 8]
compare: symmetry
`;

describe('an experiment file', () => {
  let folder: string;
  const planOf = async (text: string, overrides: readonly string[] = []) => {
    await writeFile(join(folder, 'a.yaml'), text);
    return readExperiment(join(folder, 'a.yaml'), overrides);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-experiment-file-'));
    await writeFile(join(folder, 'base.yaml'), base);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('gives a configuration for each cell and seed, one seed after the other', async () => {
    const { runs, comparison, plotAxis } = await planOf(experiment.replace('bases/', ''));
    expect(runs.map((run) => run.folder)).toEqual([
      'arcface--without/seed-7',
      'arcface--with/seed-7',
      'cosface--without/seed-7',
      'cosface--with/seed-7',
      'arcface--without/seed-8',
      'arcface--with/seed-8',
      'cosface--without/seed-8',
      'cosface--with/seed-8',
    ]);
    expect(runs[7]?.configuration).toMatchObject({
      name: 'test.cosface--with',
      seed: 8,
      loss: { name: 'cosface', marginCosine: 0.3 },
      symmetry: { tau: 0.3, weight: 1 },
      // Relative to the base's own file.
      data: { path: join(folder, 'faces') },
    });
    expect(runs[0]?.configuration.loss).toEqual({ name: 'arcface', scale: 64 });
    expect(runs[0]?.configuration.symmetry).toBeUndefined();
    expect({ comparison, plotAxis }).toEqual({
      comparison: { axis: 'symmetry', baseline: 'without' },
      plotAxis: 'symmetry',
    });
  });

  it('takes overrides of the base, which axes vary all the same', async () => {
    const { runs } = await planOf(experiment.replace('bases/', ''), [
      'data.path=/data/faces',
      'loss.scale=16',
    ]);
    expect(runs[0]?.configuration).toMatchObject({ data: { path: '/data/faces' }, loss: { scale: 64 } });
    expect(runs[0]?.text).toContain('/data/faces');
  });

  it('may have its base inline, and no axes', async () => {
    const inline = `name: test\nseeds: [1]\nbase:${base.replaceAll('\n', '\n  ')}`;
    const { runs } = await planOf(inline);
    expect(runs.map((run) => run.folder)).toEqual(['base/seed-1']);
    expect(runs[0]?.configuration.data.path).toBe(join(folder, 'faces'));
  });

  const good = experiment.replace('bases/', '');

  describe('a cell of it', () => {
    const cellOf = async (cell: string, overrides: readonly string[] = []) => {
      await writeFile(join(folder, 'a.yaml'), good);
      return readExperimentCell(join(folder, 'a.yaml'), cell, overrides);
    };

    it('is a configuration of its own, from the first seed', async () => {
      const { configuration, text, pathOf } = await cellOf('cosface--with');
      expect(configuration).toMatchObject({ name: 'test.cosface--with', seed: 7, symmetry: { tau: 0.3 } });
      expect(pathOf(configuration.data.path)).toBe(join(folder, 'faces'));
      expect(text).toContain('seed: 7');
    });

    it('takes overrides, also of what the matrix sets', async () => {
      const { configuration, text } = await cellOf('cosface--with', ['symmetry.tau=0.1', 'data.path=/faces']);
      expect(configuration).toMatchObject({ symmetry: { tau: 0.1 }, data: { path: '/faces' } });
      expect(text).toContain('path: /faces');
    });

    it('is refused where there is none, naming those that there are', async () => {
      await expect(cellOf('cosface')).rejects.toThrow(
        'there is no cell cosface; there are arcface--without, arcface--with, cosface--without, cosface--with',
      );
    });
  });

  describe('averageWeights', () => {
    const averaged = (value: string) =>
      planOf(good.replace('seeds: [7, 8]', `seeds: [7, 8]\naverageWeights: ${value}`));

    it('is of the runs of each cell', async () => {
      const { means, cells } = await averaged('true');
      expect(means.map(({ cell, trainedShare }) => [cell, trainedShare])).toEqual(
        cells.map(({ name }) => [name, 1]),
      );
      for (const { cell, runs } of means) {
        expect(runs.map((run) => [run.cell, run.seed])).toEqual([
          [cell, 7],
          [cell, 8],
        ]);
      }
    });

    it('is none where it is not asked for', async () => {
      expect((await averaged('false')).means).toEqual([]);
    });

    it.each(['{ trainedShare: 1.5 }', '{ share: 0.5 }', '3'])('is refused as %s', async (value) => {
      await expect(averaged(value)).rejects.toThrow('averageWeights');
    });

    it('takes two seeds, or a part of the way to one', async () => {
      const one = good.replace('seeds: [7, 8]', 'seeds: [7]\naverageWeights: true');
      await expect(planOf(one)).rejects.toThrow('averageWeights: takes two seeds or more');
      const part = good.replace('seeds: [7, 8]', 'seeds: [7]\naverageWeights: { trainedShare: 0.3 }');
      expect((await planOf(part)).means.map(({ trainedShare }) => trainedShare)).toEqual([
        0.3, 0.3, 0.3, 0.3,
      ]);
    });
  });

  it.each([
    [experiment, 'bases/base.yaml cannot be read'],
    [good.replace('[7, 8]', '[7, 7]'), 'a.yaml: seeds: each must be there once'],
    [good.replace('[7, 8]', '[]'), 'a.yaml: seeds: '],
    [good.replace('compare: symmetry', 'compare: tau'), 'there is no axis tau; there are loss, symmetry'],
    [good.replace('compare: symmetry', 'compare: { axis: loss, baseline: x }'), 'loss has no value x'],
    [
      good.replace('scale: 64', 'scales: 64'),
      'a.yaml, cell arcface--without: arcface has no hyperparameter scales',
    ],
    [good.replace('tau: 0.3', 'tau: 3'), 'a.yaml, cell arcface--with: symmetry.tau: '],
    [
      good.replace('tau: 0.3', 'tau: 0.3 }, epoch: { a: 1'),
      'a.yaml, cell arcface--with: Unrecognized key: "epoch"',
    ],
    [
      good.replace('with: { symmetry: { tau: 0.3 } }', 'with: {}'),
      'arcface--without and arcface--with are the same',
    ],
    [good.replace('without:', '12:'), 'a name cannot be digits alone'],
    [good.replace('matrix:', 'matrices:'), 'a.yaml: Unrecognized key: "matrices"'],
  ])('is refused with what is wrong', async (text, message) => {
    await expect(planOf(text)).rejects.toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

it('recipes/shipped has the experiment that the default backbone came from', async () => {
  const texts = await Promise.all(
    (await readdir(shipped)).map(
      async (name) => [name, await readFile(join(shipped, name), 'utf8')] as const,
    ),
  );
  // Those of the default detector are no experiments.
  const [file = '', ...others] = texts
    .filter(([, text]) => !text.includes('kind: detector'))
    .map(([name]) => name);
  expect(others).toEqual([]);
  const plan = await readExperiment(join(shipped, file), []);
  expect(`${plan.name}.yaml`).toBe(file);
  expect(plan.means).toMatchObject([{ cell: 'base', folder: 'base/mean', trainedShare: 0.3 }]);
});

describe.each([
  ['recipes/experiments', recipes, ['small-base.yaml']],
  ['recipes/paper', paper, ['lightweight.yaml', 'heavy.yaml']],
])('%s', async (_, folder, bases) => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml') && !bases.includes(name));

  it.each(files)('%s can be planned', async (file) => {
    const plan = await readExperiment(join(folder, file), []);
    expect(`${plan.name}.yaml`).toBe(file);
    expect(plan.runs.length).toBe(plan.cells.length * plan.seeds.length);
    expect(plan.seeds.length).toBeGreaterThanOrEqual(3);
    expect(plan.comparison).toBeDefined();
  });
});
