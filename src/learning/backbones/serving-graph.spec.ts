import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { countNodes } from '../../../test/compiler/onnx-inspection.js';
import { compareServing, SERVING_TOLERANCE } from '../../../test/support/backbone-serving.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { isFullSuite } from '../../../test/support/full-suite.js';
import { Failure } from '../../core/failure.js';
import { createBackbone } from './backbone.js';
import { backboneArchitecture } from './catalogue.js';
import { initialWeights } from '../weights/initial-weights.js';
import { compileServingGraph } from './serving-graph.js';

const TINY = { inputSize: { height: 16, width: 16 } };

describe('compileServingGraph', () => {
  beforeAll(async () => {
    const { resolve } = createRequire(import.meta.url);
    setWasmPaths(`${dirname(resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  // Every kind of layer, and two families; the full suite has one of each family, and test/full every backbone.
  it.each([
    [everyLayerNet.name, 112, 96],
    ['mobilefacenet', 112, 96],
    ['shufflefacenet-x1.5', 112, 112],
    ...(isFullSuite
      ? ([
          ['vargfacenet', 112, 96],
          ['ir-18', 48, 32],
        ] as const)
      : []),
  ] as const)('embeds with %s at %ix%i as tfjs does, for any batch', async (name, height, width) => {
    const design = name === everyLayerNet.name ? everyLayerNet : backboneArchitecture(name);
    const backbone = createBackbone(design, { inputSize: { height, width } });
    expect(await compareServing(backbone, [1, 3])).toBeLessThan(SERVING_TOLERANCE);
  });

  it.each([
    ['mobilefacenet', 0],
    ['shufflefacenet-x0.5', 0],
    ['vargfacenet', 0],
    // Before the first convolution of each of 8 units, whose zero padding keeps it apart, and before the matrix.
    ['ir-18', 9],
  ])('folds normalisations: leaves %s %i', (name, count) => {
    const backbone = createBackbone(backboneArchitecture(name), TINY);
    const model = compileServingGraph(backbone, initialWeights(backbone, 1));
    expect(countNodes(model, 'BatchNormalization')).toBe(count);
    // VarGFaceNet weighs the channels in its head's block and eleven others.
    expect(countNodes(model, 'Mul')).toBe(name === 'vargfacenet' ? 12 : 0);
  });

  it('moves a channel shuffle alone, and nothing else but to take in and flatten', () => {
    const backbone = createBackbone(backboneArchitecture('shufflefacenet-x0.5'), TINY);
    const model = compileServingGraph(backbone, initialWeights(backbone, 1));
    const shuffles = 16;
    expect(countNodes(model, 'Transpose')).toBe(shuffles);
  });

  it('names the array that does not fit', () => {
    const backbone = createBackbone(backboneArchitecture('mobilefacenet'), TINY);
    const weights = new Map(initialWeights(backbone, 1));
    weights.set('embedding.filter', { shape: [1, 1, 512, 64], values: new Float32Array(512 * 64) });
    const compile = () => compileServingGraph(backbone, weights);
    expect(compile).toThrow(Failure);
    expect(compile).toThrow(
      'embedding.filter has the shape [1, 1, 512, 64]; mobilefacenet needs [1, 1, 512, 128]',
    );
    weights.delete('embedding.filter');
    expect(compile).toThrow('mobilefacenet needs embedding.filter, which the weights lack');
  });

  it('names an array that the backbone does not know', () => {
    const backbone = createBackbone(backboneArchitecture('mobilefacenet'), TINY);
    const weights = new Map(initialWeights(backbone, 1)).set('head', {
      shape: [1],
      values: new Float32Array(1),
    });
    expect(() => compileServingGraph(backbone, weights)).toThrow('mobilefacenet has no head');
  });
});
