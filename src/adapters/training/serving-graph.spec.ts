import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { countNodes } from '../../../test/compiler/onnx-inspection.js';
import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { imagesOf, settledWeights } from '../../../test/support/backbone-inputs.js';
import { createBackbone, type Backbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import { backboneVariables } from '../../learning/weights/backbone-variables.js';
import { compileServingGraph } from './serving-graph.js';

/** Of embeddings of unit norm. */
const TOLERANCE = 1e-5;

/** IR-34 to IR-100 at reduced sizes here; test/full has them at their own. */
const CASES = [
  ['mobilefacenet', 112, 96],
  ['shufflefacenet-x0.5', 112, 96],
  ['shufflefacenet-x1', 112, 112],
  ['shufflefacenet-x1.5', 112, 112],
  ['shufflefacenet-x2', 112, 96],
  ['vargfacenet', 112, 112],
  ['ir-18', 112, 96],
  ['ir-34', 48, 32],
  ['ir-50', 48, 32],
] as const;

describe('compileServingGraph', () => {
  beforeAll(async () => {
    const { resolve } = createRequire(import.meta.url);
    setWasmPaths(`${dirname(resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(CASES)('%s at %ix%i embeds as tfjs does, for any batch', async (name, height, width) => {
    const backbone = createBackbone(backboneDesign(name), { inputSize: { height, width } });
    const weights = settledWeights(backbone);
    const model = compileServingGraph(backbone, weights);
    for (const batch of [1, 3]) {
      const images = imagesOf(backbone, batch);
      const channelsFirst = tf.transpose(images, [0, 3, 1, 2]);
      const { embedding } = await evaluate(model, { image: channelsFirst });
      const eager = embed(backbone, images, weights);
      expect(embedding!.dims).toEqual([batch, backbone.embeddingSize]);
      expect(largestDifference(embedding!.data as Float32Array, eager, batch)).toBeLessThan(TOLERANCE);
    }
  });

  it.each([
    ['mobilefacenet', 0],
    ['shufflefacenet-x1', 0],
    ['vargfacenet', 0],
    // One before the first convolution of each of 8 units, which its zero padding keeps apart, and the last.
    ['ir-18', 9],
  ])('leaves %s %i normalisations', (name, count) => {
    const backbone = createBackbone(backboneDesign(name), { inputSize: { height: 16, width: 16 } });
    const model = compileServingGraph(backbone, settledWeights(backbone));
    expect(countNodes(model, 'BatchNormalization')).toBe(count);
    expect(countNodes(model, 'Mul')).toBe(name === 'vargfacenet' ? 12 : 0);
  });
});

function embed(
  backbone: Backbone,
  images: tf.Tensor4D,
  weights: ReturnType<typeof settledWeights>,
): Float32Array {
  const variables = backboneVariables(backbone, weights);
  const { embeddings } = backbone.forward(images, variables, { normalisation: 'frozen' });
  const values = embeddings.dataSync<'float32'>();
  tf.dispose([variables, embeddings]);
  return values;
}

/** Between embeddings divided by their norms, as they are compared. */
function largestDifference(actual: Float32Array, expected: Float32Array, batch: number): number {
  const size = expected.length / batch;
  const differences = Array.from({ length: batch }, (_, row) => {
    const [a, e] = [actual, expected].map((values) => unit(values.slice(row * size, (row + 1) * size)));
    return Math.max(...a!.map((value, index) => Math.abs(value - e![index]!)));
  });
  return Math.max(...differences);
}

function unit(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}
