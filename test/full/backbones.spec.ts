import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createBackbone } from '../../src/learning/backbones/backbone.js';
import { BACKBONE_ARCHITECTURES } from '../../src/learning/backbones/catalogue.js';
import { compareGradients, GRADIENT_TOLERANCE } from '../support/backbone-gradients.js';
import { compareServing, SERVING_TOLERANCE } from '../support/backbone-serving.js';
import { useFastCpuGradients } from '../support/fast-cpu-gradients.js';

/** Every backbone at its own size; src/learning/backbones has small cases of each family. */
describe.each(BACKBONE_ARCHITECTURES.map((design) => [design.name, design] as const))(
  '%s',
  (name, design) => {
    describe('as a serving graph', () => {
      beforeAll(async () => {
        const { resolve } = createRequire(import.meta.url);
        setWasmPaths(`${dirname(resolve('@tensorflow/tfjs-backend-wasm'))}/`);
        await tf.setBackend('wasm');
      });

      afterAll(async () => {
        await tf.setBackend('cpu');
      });

      it.each([
        [112, 112],
        [112, 96],
      ])('embeds %ix%i images as tfjs does', async (height, width) => {
        const difference = await compareServing(
          createBackbone(design, { inputSize: { height, width } }),
          [2],
        );
        console.log(`${name} ${height}x${width}: embeddings differ by ${difference.toExponential(1)}`);
        expect(difference).toBeLessThan(SERVING_TOLERANCE);
      });
    });

    describe('as a training graph', () => {
      beforeAll(async () => {
        await tf.setBackend('cpu');
        return useFastCpuGradients();
      });

      it.each(['live', 'frozen'] as const)(
        'has the gradients of tfjs with %s normalisation',
        async (mode) => {
          const backbone = createBackbone(design, { inputSize: { height: 16, width: 16 } });
          const agreement = await compareGradients(backbone, mode === 'live' ? 8 : 2, mode);
          console.log(`${name} ${mode}: ${JSON.stringify(agreement)}`);
          expect(agreement.loss).toBeLessThan(GRADIENT_TOLERANCE[mode]);
          expect(agreement.gradient).toBeLessThan(GRADIENT_TOLERANCE[mode]);
          expect(agreement.statistic).toBeLessThan(GRADIENT_TOLERANCE[mode]);
        },
      );
    });
  },
);
