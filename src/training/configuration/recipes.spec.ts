import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { importedNetwork } from '../../../test/support/imported-networks.js';
import { convolutionalNetwork } from '../../../test/support/small-networks.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { trainingStep } from '../../learning/step/training-step.js';
import type { ArchitectureConfiguration } from './backbone-configuration.js';
import { buildTrainingSpec } from './build-training-spec.js';
import { readExperiment, readExperimentCell } from '../experiments/experiment-file.js';
import { readTrainingConfiguration, type TrainingConfiguration } from './training-configuration.js';

const folder = fileURLToPath(new URL('../../../recipes/', import.meta.url));
const tables = ['paper/table-1.yaml', 'paper/table-2.yaml', 'paper/table-4.yaml'];

/** table, network, loss, data set, file, cell */
const rowPattern =
  /^\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\| \[[^\]]+\]\(([^)]+)\) +\| `([^`]+)` +\| [\d. /]+ +\|$/gmu;
const readme = await readFile(join(folder, 'README.md'), 'utf8');
/** design, samples of a batch, batches of a step, GiB, GiB with recomputed blocks where that was measured */
const memoryPattern = /^\| ([\w.-]+) +\| +(\d+) \| +(\d+) \| +([\d.]+) \| +([\d.]+|–) \|$/gmu;
const memoryRows = [...readme.matchAll(memoryPattern)].map(([, design, ...numbers]) => {
  const [batchSize, accumulateSteps, gib, recomputedGib] = numbers.map(Number);
  return { design, batchSize, accumulateSteps, gib, recomputedGib };
});
const rows = [...readme.matchAll(rowPattern)].map(
  ([, table = '', network = '', loss = '', data = '', file = '', cell = '']) => ({
    table,
    network,
    loss,
    data,
    file,
    cell,
  }),
);

const designs: Readonly<Record<string, string>> = {
  MobileFaceNet: 'mobilefacenet',
  'ShuffleFaceNet x1.5': 'shufflefacenet-x1.5',
  VarGFaceNet: 'vargfacenet',
  ResNet50: 'ir-50',
  ResNet100: 'ir-100',
};
const folders: Readonly<Record<string, string>> = {
  'CASIA-WebFace': 'faces_webface_112x112/train.rec',
  MS1MV2: 'faces_emore/train.rec',
  WebFace4M: 'webface4m/train.rec',
};

interface DesignedRecipe extends Omit<TrainingConfiguration, 'backbone'> {
  readonly backbone: ArchitectureConfiguration;
}

function designed(configuration: TrainingConfiguration): DesignedRecipe {
  const { backbone } = configuration;
  if (!('design' in backbone)) throw new RangeError(`${configuration.name} trains no network of the paper`);
  return { ...configuration, backbone };
}

interface Recipe {
  readonly file: string;
  readonly cell: string;
  readonly read: () => Promise<DesignedRecipe>;
}

/** Every configuration of the paper: the bases, and each cell of each experiment from its first seed. */
const recipes: readonly Recipe[] = (
  await Promise.all(
    (await readdir(join(folder, 'paper'))).sort().map(async (name): Promise<readonly Recipe[]> => {
      const [file, path] = [`paper/${name}`, join(folder, 'paper', name)];
      if (['lightweight.yaml', 'heavy.yaml'].includes(name)) {
        const read = async () => designed((await readTrainingConfiguration(path)).configuration);
        return [{ file, cell: '', read }];
      }
      const { cells } = await readExperiment(path, []);
      return cells.map(({ name: cell }) => {
        const read = async () => designed((await readExperimentCell(path, cell, [])).configuration);
        return { file, cell, read };
      });
    }),
  )
).flat();

describe('recipes', () => {
  it('of tables 1 and 2, and the new one of table 4, are the rows of the table in their README', () => {
    const cells = recipes
      .filter(
        ({ file, cell }) => tables.includes(file) && !['without-split', 'split-and-symmetry'].includes(cell),
      )
      .map(({ file, cell }) => `${file} ${cell}`);
    expect(rows.map(({ file, cell }) => `${file} ${cell}`).sort()).toEqual(cells.sort());
    expect(rows).toHaveLength(25);
  });

  it.each(rows)(
    '$file $cell trains what its row says',
    async ({ table, network, loss, data, file, cell }) => {
      const { configuration } = await readExperimentCell(join(folder, file), cell, []);
      const { backbone, data: trainedOn, loss: faceLoss, symmetry } = designed(configuration);
      const [, face = '', addition = ''] = /^(\w+?)(\+SymFace|, split only)?$/u.exec(loss) ?? [];
      expect(file).toBe(`paper/table-${table === 'section 4.4' ? '1' : table}.yaml`);
      expect(backbone.design).toBe(designs[network]);
      expect(faceLoss?.name).toBe(face.toLowerCase());
      expect(relative(join(folder, 'paper'), trainedOn.path)).toBe(folders[data]);
      expect(symmetry?.weight).toBe({ '+SymFace': 1, ', split only': 0 }[addition]);
    },
  );

  it.each(recipes)('$file $cell has the settings of section 4.2', async ({ file, read }) => {
    const { backbone, symmetry, loss, data, ...schedule } = await read();
    const isHeavy = backbone.design.startsWith('ir-');
    const { epochs, batchSize, accumulateSteps, momentum } = schedule;
    expect({ epochs, batch: batchSize * accumulateSteps, momentum }).toEqual({
      epochs: backbone.design === 'ir-100' ? 12 : 25,
      batch: isHeavy ? 512 : 150,
      momentum: 0.9,
    });
    const [initial, dropEpoch] = isHeavy ? [0.01, 10] : [0.1, 17];
    expect(schedule.learningRate).toEqual({
      initial,
      dropEpochs: [dropEpoch],
      dropFactor: 0.1,
      warmUpSteps: 0,
    });
    const ofLast = backbone.design === 'mobilefacenet' ? { lastLayer: 4e-4, head: 4e-4 } : {};
    expect(schedule.weightDecay).toEqual(
      isHeavy ? { weights: 5e-4, normalisation: 0, slopes: 5e-4 } : { weights: 4e-5, slopes: 0, ...ofLast },
    );
    const isCasia = data.path.includes('faces_webface_112x112');
    expect(backbone.input).toBe(isCasia ? '112x96' : '112x112');
    expect(backbone.embeddingSize).toBe(isHeavy || backbone.design === 'vargfacenet' ? 512 : 128);
    if (symmetry !== undefined) {
      expect(symmetry).toMatchObject({ splitFraction: 0.3, compare: 'raw' });
      if (!file.endsWith('figure-6.yaml')) expect(symmetry.tau).toBe(0.2);
    }
    expect(loss).toEqual(hyperparameters(loss?.name, isHeavy));
  });

  it.each(recipes)('$file $cell says what memory its batches take', async ({ read }) => {
    const { backbone, batchSize, accumulateSteps } = await read();
    const row = memoryRows.find(({ design }) => design === backbone.design);
    expect(row, `a row of recipes/README.md on ${backbone.design}`).toMatchObject({
      batchSize,
      accumulateSteps,
    });
    // What a machine with 16 GiB can train.
    expect(row?.gib).toBeLessThan(14);
    const { gib = 0, recomputedGib = Number.NaN } = row ?? {};
    if (backbone.design.startsWith('ir-')) expect(recomputedGib).toBeLessThan(gib);
  });

  it.each(recipes)('$file $cell can be trained', async ({ read }) => {
    const configuration = await read();
    const [height, width] = configuration.backbone.input === '112x112' ? [112, 112] : [112, 96];
    const { embeddingSize } = configuration.backbone;
    const backbone = createBackbone(backboneArchitecture(configuration.backbone.design), {
      inputSize: { height, width },
      ...(embeddingSize === undefined ? {} : { embeddingSize }),
    });
    const batch = {
      batchSize: configuration.batchSize,
      splitSlots: 1,
      imageHeight: height,
      imageWidth: width,
    };
    const spec = buildTrainingSpec(configuration, backbone, 100, batch);
    expect(trainingStep(spec).inputs.length).toBeGreaterThan(backbone.parameters.length);
  });

  it('sweep τ as Figure 6, and hold identities out for Table 3', async () => {
    const of = (name: string) => recipes.filter(({ file }) => file === `paper/${name}.yaml`);
    const swept = await Promise.all(of('figure-6').map(({ read }) => read()));
    expect(swept.map(({ symmetry }) => symmetry?.tau)).toEqual([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4]);
    const table3 = await Promise.all(of('table-3').map(({ read }) => read()));
    expect(table3.map(({ symmetry }) => symmetry?.weight)).toEqual([undefined, 1]);
    for (const { data } of table3)
      expect(data.identities).toMatchObject({ holdOut: { fraction: 0.019, seed: 1 } });
  });

  it('have the terms of Table 4', async () => {
    const table4 = recipes.filter(({ file }) => file === 'paper/table-4.yaml');
    const weights = await Promise.all(table4.map(async ({ read }) => (await read()).symmetry?.weight));
    expect(weights).toEqual([undefined, 0, 1]);
  });
});

/** The paper's of ArcFace on lightweight networks; else those of the losses' own papers. */
function hyperparameters(name: string | undefined, isHeavy: boolean): object {
  switch (name) {
    case 'arcface':
      return { name, ...(isHeavy ? { scale: 64, marginRadians: 0.5 } : { scale: 32, marginRadians: 0.45 }) };
    case 'cosface':
      return { name, scale: 64, marginCosine: 0.4 };
    case 'adaface':
      return { name, scale: 64, margin: 0.4, concentration: 0.333, statisticsRate: 0.01 };
    default:
      throw new RangeError(`${name ?? 'no loss'} is not in the paper`);
  }
}

it('the recipe for an ONNX file can be trained', async () => {
  const { configuration } = await readTrainingConfiguration(
    join(folder, 'fine-tuning', 'onnx-arcface-symface.yaml'),
  );
  // In the place of the file, which is not here, a small one.
  const { backbone } = importedNetwork(convolutionalNetwork());
  const { height: imageHeight, width: imageWidth } = backbone.inputSize;
  const batch = { batchSize: configuration.batchSize, splitSlots: 1, imageHeight, imageWidth };
  const spec = buildTrainingSpec(configuration, backbone, 100, batch);
  expect(trainingStep(spec).inputs.length).toBeGreaterThan(backbone.parameters.length);
});

it('the recipe for distillation can be trained, with no head', async () => {
  const file = join(folder, 'distillation', 'mobilefacenet-from-dlib-resnet.yaml');
  const { configuration } = await readTrainingConfiguration(file);
  const backbone = createBackbone(backboneArchitecture('mobilefacenet'), {
    inputSize: { height: 112, width: 112 },
    embeddingSize: 128,
  });
  const batch = { batchSize: configuration.batchSize, splitSlots: 0, imageHeight: 112, imageWidth: 112 };
  const spec = buildTrainingSpec(configuration, backbone, 100, batch);
  expect(spec.distillation).toEqual({ weight: 10 });
  expect(trainingStep(spec).figures).toContain('distillationLoss');
});
