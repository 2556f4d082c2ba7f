import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { compareGradients, GRADIENT_TOLERANCE } from '../../../test/support/backbone-gradients.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import { cpuRuntimeTarget } from './runtime-target.js';

/** One of each family, small; test/full has every backbone. */
const SMALL = [
  ['mobilefacenet', 32, 16, 4, 'live'],
  ['mobilefacenet', 32, 16, 2, 'frozen'],
  ['shufflefacenet-x0.5', 32, 16, 4, 'live'],
  ['vargfacenet', 16, 16, 8, 'live'],
  ['ir-18', 16, 16, 4, 'live'],
] as const;

/** For any ONNX runtime, and for ONNX Runtime's CPU provider with its own operators, as training runs it. */
const CASES = SMALL.flatMap((values) => [[...values, 'standard'] as const, [...values, 'cpu'] as const]);

describe('the gradients of backbones, compiled', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    useFastCpuGradients();
  });

  it.each(CASES)(
    'of %s at %ix%i, batch %i, with %s normalisation for %s are those of tfjs',
    async (name, height, width, batch, normalisation, runtime) => {
      const backbone = createBackbone(backboneDesign(name), { inputSize: { height, width } });
      const agreement = await compareGradients(
        backbone,
        batch,
        normalisation,
        undefined,
        runtime === 'cpu' ? await cpuRuntimeTarget() : undefined,
      );
      expect(agreement.arrays).toBe(
        backbone.parameters.length + (normalisation === 'live' ? backbone.statistics.length : 0),
      );
      const tolerance = GRADIENT_TOLERANCE[normalisation];
      expect(agreement.loss, JSON.stringify(agreement)).toBeLessThan(tolerance);
      expect(agreement.gradient, JSON.stringify(agreement)).toBeLessThan(tolerance);
      expect(agreement.statistic, JSON.stringify(agreement)).toBeLessThan(tolerance);
    },
  );
});
