import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { Tensor, InferenceSession } from '../../onnx/onnx-runtime.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import { initialWeights } from '../weights/initial-weights.js';
import { compileDetectionGraph } from './detection-graph.js';
import { retinaFace } from './retinaface.js';

const OPTIONS = { width: 64, stemChannels: 8 };
const SIDE = 64;

describe('retinaFace', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it("has Pytorch_Retinaface's filters, but one logit an anchor in place of two", () => {
    const network = retinaFace({ width: 640, height: 640 }, OPTIONS);
    const filters = network.parameters.filter(({ name }) => name.endsWith('.filter'));
    const count = filters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // Of the reference ONNX file: 56 convolutions of 419,824 weights; a second logit is 2 x 64 for each of three maps.
    expect(filters.length).toBe(56);
    expect(count).toBe(419_824 - 3 * 2 * 64);
    expect(network.anchors.length).toBe(16_800);
  });

  it('has the same parameters for every size', () => {
    const namesOf = (side: number) =>
      retinaFace({ width: side, height: side }, OPTIONS).parameters.map(({ name, shape }) => [
        name,
        ...shape,
      ]);
    expect(namesOf(160)).toEqual(namesOf(640));
  });

  it('begins by taking one anchor in a hundred for a face', () => {
    const network = retinaFace({ width: SIDE, height: SIDE }, OPTIONS);
    const variables = backboneVariables(network, initialWeights(network, 1));
    const { logits } = network.forward(tf.zeros([1, SIDE, SIDE, 3]), variables, { normalisation: 'frozen' });
    for (const logit of logits.dataSync()) expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(0.01, 3);
  });

  it('serves what it computes, for any number of images', async () => {
    const network = retinaFace({ width: SIDE, height: SIDE }, OPTIONS);
    const weights = initialWeights(network, 3);
    const session = await InferenceSession.create(compileDetectionGraph(network, weights));
    const pixels = Float32Array.from({ length: 2 * 3 * SIDE * SIDE }, (_, index) => Math.sin(index * 0.37));
    const results = await session.run({ image: new Tensor('float32', pixels, [2, 3, SIDE, SIDE]) });
    await session.release();
    const images = tf.transpose(tf.tensor4d(pixels, [2, 3, SIDE, SIDE]), [0, 2, 3, 1]);
    const expected = network.forward(images, backboneVariables(network, weights), {
      normalisation: 'frozen',
    });
    const classes = results['classes']!.data as Float32Array;
    expect(results['classes']!.dims).toEqual([2, network.anchors.length, 2]);
    for (const [anchor, logit] of expected.logits.dataSync().entries()) {
      expect(classes[2 * anchor + 1]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
      expect(classes[2 * anchor]! + classes[2 * anchor + 1]!).toBeCloseTo(1, 5);
    }
    for (const name of ['boxes', 'landmarks'] as const) {
      const values = results[name]!.data as Float32Array;
      for (const [index, value] of expected[name].dataSync().entries())
        expect(values[index]).toBeCloseTo(value, 3);
    }
  });

  it('refuses sizes that its strides do not divide', () => {
    expect(() => retinaFace({ width: 100, height: 64 }, OPTIONS)).toThrow('no positive multiple of 32');
    expect(() => retinaFace({ width: 64, height: 64 }, { ...OPTIONS, width: 30 })).toThrow('multiple of 4');
  });
});
