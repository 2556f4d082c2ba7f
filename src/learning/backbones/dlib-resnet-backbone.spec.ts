import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { dlibResNetNetwork } from '../../training/pretrained/pretrained-networks.js';
import { readTrainableNetwork } from '../../training/pretrained/trainable-network.js';
import { readWeightFile, weightSpecsOf } from '../../training/pretrained/weight-file.js';
import { backboneVariables, requireWeightsOf } from '../weights/backbone-variables.js';
import { dlibResNet, type DlibResNetParameters } from './dlib-resnet.js';
import { dlibResNetBackbone } from './dlib-resnet-backbone.js';

describe("dlib's ResNet as a backbone to train", () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('has the parameters that npm ships, and their number', async () => {
    const { backbone, weights, origin } = await readTrainableNetwork('dlib-resnet');
    expect(() => {
      requireWeightsOf(backbone, weights);
    }).not.toThrow();
    const count = [...weights.values()].reduce((sum, { values }) => sum + values.length, 0);
    expect(backbone.parameterCount).toBe(count);
    expect((count / 1e6).toFixed(2)).toBe('5.61');
    expect(origin).toMatch(/^npm @vladmandic\/face-api@\S+ model\/\S+ \(sha256 [0-9a-f]{64}\)$/u);
  });

  it('counts the work as the reader of ONNX files does: 271 M', () => {
    expect(Math.round(dlibResNetBackbone().multiplyAdds / 1e6)).toBe(271);
  });

  it("computes what dlib's own form does, with images as the other backbones take them", async () => {
    const { backbone, weights } = await readTrainableNetwork('dlib-resnet');
    const variables = backboneVariables(backbone, weights);
    const file = await readWeightFile(dlibResNetNetwork.weights);
    const own: DlibResNetParameters = tf.io.decodeWeights(file.weights.buffer, weightSpecsOf(file));
    const values = tf.randomUniform<tf.Rank.R4>([1, 150, 150, 3], 0, 255, 'float32', 7);
    const ours = tf.div<tf.Tensor4D>(tf.sub(values, 127.5), 128);
    const its = tf.div<tf.Tensor4D>(tf.sub(values, [122.782, 117.001, 104.298]), 256);
    const given = backbone.forward(ours, variables, { normalisation: 'frozen' }).embeddings.dataSync();
    const expected = dlibResNet(own, its).dataSync();
    expect(Math.hypot(...expected)).toBeGreaterThan(0.5);
    for (const [index, value] of given.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
  });
});
