import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { importedNetwork } from '../../../test/support/imported-networks.js';
import { convolutionalNetwork } from '../../../test/support/small-networks.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import { trainingStep } from '../../learning/step/training-step.js';
import type { DesignedBackbone } from './backbone-configuration.js';
import { configuredLearner } from './configured-learner.js';
import { readTrainingConfiguration, type TrainingConfiguration } from './training-configuration.js';

const folder = fileURLToPath(new URL('../../../recipes/', import.meta.url));
const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();

/** table, network, loss, data set, file */
const rowPattern =
  /^\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\| \[([^\]]+)\]\(([^)]+)\) +\| [\d. /]+ +\|$/gmu;
const rows = [...(await readFile(join(folder, 'README.md'), 'utf8')).matchAll(rowPattern)];

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
  readonly backbone: DesignedBackbone;
}

async function recipe(file: string): Promise<DesignedRecipe> {
  const { configuration } = await readTrainingConfiguration(join(folder, file));
  const { backbone } = configuration;
  if (!('design' in backbone)) throw new RangeError(`${file} does not train a network of the paper`);
  return { ...configuration, backbone };
}

describe('recipes', () => {
  it('are the rows of the table in their README', () => {
    expect(rows.map(([, , , , , file]) => file).sort()).toEqual(files);
    for (const [, , , , , file, link] of rows) expect(link).toBe(file);
  });

  it.each(rows.map(([, table, network, loss, data, file]) => ({ table, network, loss, data, file })))(
    '$file trains what its row says',
    async ({ network = '', loss = '', data = '', file = '' }) => {
      const configuration = await recipe(file);
      const [, face = '', addition = ''] = /^(\w+?)(\+SymFace|, split only)?$/u.exec(loss) ?? [];
      expect(configuration.name).toBe(file.replace('.yaml', ''));
      expect(configuration.backbone.design).toBe(designs[network]);
      expect(configuration.loss?.name).toBe(face.toLowerCase());
      expect(configuration.data.path).toBe(folders[data]);
      expect(configuration.symmetry?.weight).toBe({ '+SymFace': 1, ', split only': 0 }[addition]);
    },
  );

  it.each(files)('%s has the settings of section 4.2', async (file) => {
    const { backbone, symmetry, loss, ...schedule } = await recipe(file);
    const isHeavy = backbone.design.startsWith('ir-');
    expect({ epochs: schedule.epochs, batch: schedule.batchSize, momentum: schedule.momentum }).toEqual({
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
    expect(schedule.weightDecay.weights).toBe(isHeavy ? 5e-4 : 4e-5);
    expect(schedule.weightDecay.lastLayer).toBe(backbone.design === 'mobilefacenet' ? 4e-4 : undefined);
    expect(backbone.input).toBe(file.includes('casia') ? '112x96' : '112x112');
    if (symmetry !== undefined)
      expect(symmetry).toMatchObject({ splitFraction: 0.3, tau: 0.2, compare: 'raw' });
    if (loss?.name === 'arcface') {
      const given = isHeavy ? { scale: 64, marginRadians: 0.5 } : { scale: 32, marginRadians: 0.45 };
      expect(loss).toMatchObject(given);
    }
  });

  it.each(files)('%s can be trained', async (file) => {
    const configuration = await recipe(file);
    const [height, width] = configuration.backbone.input === '112x112' ? [112, 112] : [112, 96];
    const backbone = createBackbone(backboneDesign(configuration.backbone.design), {
      inputSize: { height, width },
    });
    const batch = {
      batchSize: configuration.batchSize,
      splitSlots: 1,
      imageHeight: height,
      imageWidth: width,
    };
    const learner = configuredLearner(configuration, backbone, 100, batch);
    expect(trainingStep(learner).inputs.length).toBeGreaterThan(backbone.parameters.length);
  });
});

it('the recipe for an ONNX file can be trained', async () => {
  const { configuration } = await readTrainingConfiguration(
    join(folder, 'fine-tuning', 'onnx-arcface-symface.yaml'),
  );
  // In the place of the file, which is not here, a small one.
  const { backbone } = importedNetwork(convolutionalNetwork());
  const { height: imageHeight, width: imageWidth } = backbone.inputSize;
  const batch = { batchSize: configuration.batchSize, splitSlots: 1, imageHeight, imageWidth };
  const learner = configuredLearner(configuration, backbone, 100, batch);
  expect(trainingStep(learner).inputs.length).toBeGreaterThan(backbone.parameters.length);
});

it('the recipe for distillation can be trained, with no head', async () => {
  const file = join(folder, 'distillation', 'mobilefacenet-from-dlib-resnet.yaml');
  const { configuration } = await readTrainingConfiguration(file);
  const backbone = createBackbone(backboneDesign('mobilefacenet'), {
    inputSize: { height: 112, width: 112 },
    embeddingSize: 128,
  });
  const batch = { batchSize: configuration.batchSize, splitSlots: 0, imageHeight: 112, imageWidth: 112 };
  const learner = configuredLearner(configuration, backbone, 100, batch);
  expect(learner.distillation).toEqual({ weight: 10 });
  expect(trainingStep(learner).figures).toContain('distillationLoss');
});
