import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { compareGradientsFor, GRADIENT_TOLERANCE } from '../../../test/support/backbone-gradients.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { isFullSuite } from '../../../test/support/full-suite.js';
import { createBackbone } from '../backbones/backbone.js';
import { backboneArchitecture } from '../backbones/catalogue.js';
import { cpuRuntimeTarget } from '../engines/runtime-target.js';

/** Every kind of layer, and two families; the full suite has one of each family, and test/full every backbone. */
const CASES: readonly (readonly [string, number, number, number, 'live' | 'frozen'])[] = [
  [everyLayerNet.name, 32, 16, 4, 'live'],
  [everyLayerNet.name, 32, 16, 2, 'frozen'],
  ['mobilefacenet', 32, 16, 4, 'live'],
  ['mobilefacenet', 32, 16, 2, 'frozen'],
  ['shufflefacenet-x0.5', 32, 16, 4, 'live'],
  ...(isFullSuite
    ? ([
        ['vargfacenet', 16, 16, 8, 'live'],
        ['ir-18', 16, 16, 4, 'live'],
      ] as const)
    : []),
];

describe('the gradients of backbones, compiled', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it.each(CASES)(
    'of %s at %ix%i, batch %i, with %s normalisation are those of tfjs',
    async (name, height, width, batch, normalisation) => {
      const design = name === everyLayerNet.name ? everyLayerNet : backboneArchitecture(name);
      const backbone = createBackbone(design, { inputSize: { height, width } });
      // For any ONNX runtime, and for ONNX Runtime's CPU provider with its own operators, as training runs it.
      const targets = [undefined, await cpuRuntimeTarget()];
      const agreements = await compareGradientsFor(targets, backbone, batch, normalisation);
      const tolerance = GRADIENT_TOLERANCE[normalisation];
      for (const [index, agreement] of agreements.entries()) {
        const what = `${index === 0 ? 'standard' : 'CPU'}: ${JSON.stringify(agreement)}`;
        expect(agreement.arrays).toBe(
          backbone.parameters.length + (normalisation === 'live' ? backbone.statistics.length : 0),
        );
        expect(agreement.loss, what).toBeLessThan(tolerance);
        expect(agreement.gradient, what).toBeLessThan(tolerance);
        expect(agreement.statistic, what).toBeLessThan(tolerance);
      }
    },
  );
});
