import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { imagesOf, settledWeights } from '../../../test/support/backbone-inputs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { createBackbone } from '../backbones/backbone.js';
import { compileServingGraph } from '../backbones/serving-graph.js';
import { takenApart } from '../gating/served-parts.js';
import { smoothCrops } from './smooth-crops.js';
import { smoothedBackbone } from './smoothed-backbone.js';
import { withSmoothing } from './smoothed-graph.js';

describe('smoothCrops', () => {
  it('weighs neighbours by a Gaussian: computed by hand for one bright pixel', () => {
    const side = 21;
    const deviation = 1.5;
    const crop = tf.buffer([1, side, side, 3]);
    crop.set(1, 0, 10, 9, 1);
    const values = smoothCrops(crop.toTensor() as tf.Tensor4D, deviation).bufferSync();
    let mass = 0;
    for (let at = -5; at <= 5; at++) mass += Math.exp(-(at ** 2) / (2 * deviation ** 2));
    const expected = (down: number, across: number): number =>
      Math.exp(-(down ** 2 + across ** 2) / (2 * deviation ** 2)) / mass ** 2;
    for (const [down, across] of [
      [0, 0],
      [1, -2],
      [-4, 3],
    ] as const)
      expect(values.get(0, 10 + down, 9 + across, 1)).toBeCloseTo(expected(down, across), 6);
    // Further away than three deviations nothing arrives, and no channel reaches another.
    expect(values.get(0, 16, 9, 1)).toBe(0);
    expect(values.get(0, 10, 9, 0)).toBe(0);
  });

  it('leaves a plain crop as it is, at its border too', () => {
    const plain = tf.fill<tf.Rank.R4>([2, 16, 24, 3], -0.75);
    for (const value of smoothCrops(plain, 2.5).dataSync()) expect(value).toBeCloseTo(-0.75, 6);
  });
});

describe('a graph that smooths first', () => {
  const backbone = createBackbone(everyLayerNet, { embeddingSize: 4, inputSize: { height: 32, width: 32 } });
  const weights = settledWeights(backbone);
  const images = imagesOf(backbone, 2);

  async function embeddings(file: Uint8Array, of: tf.Tensor4D): Promise<Float32Array> {
    const { embedding } = await evaluate(file, { image: tf.transpose(of, [0, 3, 1, 2]) });
    return embedding!.data as Float32Array;
  }

  it('computes what the network makes of smoothed crops, as the backbone that is trained does', async () => {
    const bare = compileServingGraph(backbone, weights);
    const [direct, graph, trained, unsmoothed] = await Promise.all([
      embeddings(bare, smoothCrops(images, 1.8)),
      embeddings(withSmoothing(bare, 1.8), images),
      embeddings(compileServingGraph(smoothedBackbone(backbone, 1.8), weights), images),
      embeddings(bare, images),
    ]);
    for (const [at, value] of direct.entries()) {
      expect(graph[at]).toBeCloseTo(value, 4);
      expect(trained[at]).toBeCloseTo(value, 4);
    }
    expect(Math.abs(direct[0]! - unsmoothed[0]!)).toBeGreaterThan(1e-3);
  });

  it('is taken apart into the network and how much it smooths', () => {
    const bare = compileServingGraph(backbone, weights);
    const { graph, parts } = takenApart(withSmoothing(bare, 2.5));
    expect(parts.smoothingPixels).toBe(2.5);
    expect(graph).toEqual(readOnnx(bare).graph);
    expect(takenApart(bare).parts.smoothingPixels).toBe(0);
    expect(withSmoothing(bare, 0)).toBe(bare);
  });
});
