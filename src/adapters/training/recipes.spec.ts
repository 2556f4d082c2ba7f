import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { importedNetwork } from '../../../test/support/imported-networks.js';
import { convolutionalNetwork } from '../../../test/support/small-networks.js';
import { type Backbone, createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import { trainingStep } from '../../learning/training/training-step.js';
import type { BackboneConfiguration } from './backbone-configuration.js';
import { configuredLearner } from './configured-learner.js';
import { readTrainingConfiguration } from './training-configuration.js';

const folder = fileURLToPath(new URL('../../../recipes/', import.meta.url));

/** In the place of a recipe's ONNX file, which is not here, a small one. */
function backboneOf(configured: BackboneConfiguration): Backbone {
  if ('onnx' in configured) return importedNetwork(convolutionalNetwork()).backbone;
  return createBackbone(backboneDesign(configured.design), { inputSize: { height: 112, width: 96 } });
}

it('every recipe can be trained', async () => {
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { configuration } = await readTrainingConfiguration(join(folder, file));
    const backbone = backboneOf(configuration.backbone);
    const { height: imageHeight, width: imageWidth } = backbone.inputSize;
    const batch = { batchSize: configuration.batchSize, splitSlots: 1, imageHeight, imageWidth };
    const learner = configuredLearner(configuration, backbone, 100, batch);
    expect(trainingStep(learner).inputs.length, file).toBeGreaterThan(backbone.parameters.length);
  }
});
