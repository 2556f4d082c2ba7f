import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { imagesOf, settledWeights } from '../../../test/support/backbone-inputs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { createBackbone } from '../backbones/backbone.js';
import { compileServingGraph } from '../backbones/serving-graph.js';
import { cropLookLength, cropLooks } from './crop-look.js';
import { gatedGraph, type Gating, withoutGating } from './gated-graph.js';
import { isAdaptedLook, type LookGate } from './look-gate.js';
import { noParts, servedGraph, takenApart } from './served-parts.js';

const dimension = 4;
const faces = 3;
const size = { height: 32, width: 32 };
const backbone = createBackbone(everyLayerNet, { embeddingSize: dimension, inputSize: size });

/** Passes what is darker than grey. */
const darkness: LookGate = {
  weights: Float32Array.from({ length: cropLookLength }, (_, at) => (at === 0 ? -1 : 0)),
  bias: 0,
};

describe('a gate before two networks', () => {
  let adapted: Uint8Array;
  let gating: Gating;
  let images: tf.Tensor4D;

  beforeAll(() => {
    const weights = settledWeights(backbone);
    const others = new Map(
      [...weights].map(([name, { shape, values }]) => [
        name,
        { shape, values: values.map((value) => 1.1 * value) },
      ]),
    );
    adapted = compileServingGraph(backbone, weights);
    gating = { general: compileServingGraph(backbone, others), gate: darkness, adaptedScale: 0.5 };
    // The first and the last are dark.
    images = tf.tidy(() => tf.add(imagesOf(backbone, faces), tf.tensor([-1, 1, -1], [faces, 1, 1, 1])));
  });

  async function embeddings(file: Uint8Array, of = images): Promise<readonly Float32Array[]> {
    const { embedding } = await evaluate(file, { image: tf.transpose(of, [0, 3, 1, 2]) });
    const all = embedding!.data as Float32Array;
    return Array.from({ length: all.length / dimension }, (_, row) =>
      all.slice(row * dimension, (row + 1) * dimension),
    );
  }

  it('gives each crop the network that its look asks for', async () => {
    const [own, other, both] = await Promise.all(
      [adapted, gating.general, gatedGraph(adapted, gating)].map(async (file) => embeddings(file)),
    );
    const expected = [own![0]!.map((value) => value / 2), other![1]!, own![2]!.map((value) => value / 2)];
    for (const [face, values] of expected.entries())
      for (const [at, value] of values.entries()) expect(both![face]![at]).toBeCloseTo(value, 5);
    expect(Math.abs(own![1]![0]! - other![1]![0]!)).toBeGreaterThan(1e-3);
  });

  it.each([
    ['dark', 0],
    ['bright', 1],
  ])('runs one network where all crops are %s', async (_, face) => {
    const one = tf.slice(images, [face, 0, 0, 0], [1, -1, -1, -1]);
    const [own, other, both] = await Promise.all(
      [adapted, gating.general, gatedGraph(adapted, gating)].map(async (file) => embeddings(file, one)),
    );
    const expected = face === 0 ? own![0]!.map((value) => value / 2) : other![0]!;
    for (const [at, value] of expected.entries()) expect(both![0]![at]).toBeCloseTo(value, 5);
  });

  it('comes off a file of the looks of before, too', () => {
    const text = Buffer.from(gatedGraph(adapted, gating)).toString('latin1');
    const former = Buffer.from(text.replaceAll('symface-gate-2/', 'symface-gate-1/'), 'latin1');
    const { graph, gating: found } = withoutGating(former);
    expect(graph).toEqual(readOnnx(adapted).graph);
    expect(found?.general).toEqual(gating.general);
  });

  it('comes off again, with a projection behind the adapted network', async () => {
    const matrix = Float32Array.from({ length: dimension ** 2 }, (_, at) => (at % 5 === 0 ? 2 : 0));
    const parts = { ...noParts, projection: { dimension, matrix }, gating };
    const once = servedGraph(adapted, parts);
    const { graph, parts: taken } = takenApart(once);
    expect(graph.nodes).toEqual(readOnnx(adapted).graph.nodes);
    expect(taken.projection).toEqual(parts.projection);
    expect(taken.gating?.gate).toEqual(gating.gate);
    expect(taken.gating?.adaptedScale).toBe(0.5);
    expect(await embeddings(taken.gating!.general)).toEqual(await embeddings(gating.general));
    expect(await embeddings(servedGraph(adapted, taken))).toEqual(await embeddings(once));
    expect(withoutGating(adapted).gating).toBeUndefined();
  });

  it('refuses a network of another size', () => {
    const wide = createBackbone(everyLayerNet, { embeddingSize: 5, inputSize: size });
    const general = compileServingGraph(wide, settledWeights(wide));
    expect(() => gatedGraph(adapted, { ...gating, general })).toThrow('the same input and output');
  });

  it('sees a crop and its mirror image alike', () => {
    const [looks, mirrored] = tf.tidy(() => [cropLooks(images), cropLooks(tf.reverse(images, 2))]);
    const [one, other] = [looks.arraySync(), mirrored.arraySync()];
    for (const [face, look] of one.entries()) {
      for (const [at, value] of look.entries()) expect(other[face]![at]).toBeCloseTo(value, 5);
      expect(isAdaptedLook(darkness, look)).toBe(face !== 1);
    }
  });
});
