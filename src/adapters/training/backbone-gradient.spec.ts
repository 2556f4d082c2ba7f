import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { compareGradients } from '../../../test/support/backbone-gradients.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';

describe('the gradients of backbones, compiled', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    useFastCpuGradients();
  });

  it.each([
    ['mobilefacenet', 32, 16, 'live'],
    ['mobilefacenet', 16, 16, 'frozen'],
    ['shufflefacenet-x0.5', 32, 16, 'live'],
    ['vargfacenet', 16, 16, 'live'],
    ['ir-18', 16, 16, 'live'],
    ['ir-18', 16, 16, 'frozen'],
  ] as const)('of %s at %ix%i with %s normalisation are those of tfjs', async (name, height, width, mode) => {
    const backbone = createBackbone(backboneDesign(name), { inputSize: { height, width } });
    const agreement = await compareGradients(backbone, 4, mode);
    console.log(name, mode, JSON.stringify(agreement));
    expect(agreement.loss).toBeLessThan(1e-4);
  });
});
