import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import { trainingStep } from '../../learning/training/training-step.js';
import { configuredLearner } from './configured-learner.js';
import { readTrainingConfiguration } from './training-configuration.js';

const folder = fileURLToPath(new URL('../../../recipes/', import.meta.url));

it('every recipe can be trained', async () => {
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { configuration } = await readTrainingConfiguration(join(folder, file));
    const backbone = createBackbone(backboneDesign(configuration.backbone.design), {
      inputSize: { height: 112, width: 96 },
    });
    const batch = { batchSize: configuration.batchSize, splitSlots: 1, imageHeight: 112, imageWidth: 96 };
    const learner = configuredLearner(configuration, backbone, 100, batch);
    expect(trainingStep(learner).inputs.length, file).toBeGreaterThan(backbone.parameters.length);
  }
});
