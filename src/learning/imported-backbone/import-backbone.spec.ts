import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { countNodes } from '../../../test/compiler/onnx-inspection.js';
import { imagesOf } from '../../../test/support/backbone-inputs.js';
import { exportDifference, importedNetwork } from '../../../test/support/imported-networks.js';
import {
  branchedNetwork,
  convolutionalNetwork,
  NetworkWriter,
} from '../../../test/support/small-networks.js';
import { Failure } from '../../core/failure.js';
import { tensorOf } from '../../onnx/tensor.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import { readSafetensors, writeSafetensors } from '../../storage/weights/safetensors.js';
import { compileServingGraph } from '../backbones/serving-graph.js';

const TOLERANCE = 1e-5;

const channelsFirst = (images: tf.Tensor4D): tf.Tensor => tf.transpose(images, [0, 3, 1, 2]);

/** Convolution -> `makeEmbedding` of [n, 4, 10, 10]. */
function networkEndingIn(makeEmbedding: (network: NetworkWriter, features: string) => string): NetworkWriter {
  const network = new NetworkWriter();
  makeEmbedding(network, network.convolution('image', [4, 3, 3, 3]));
  return network;
}

function modelEndingIn(makeEmbedding: (network: NetworkWriter, features: string) => string): Uint8Array {
  const network = new NetworkWriter();
  const embedding = makeEmbedding(network, network.convolution('image', [4, 3, 3, 3]));
  return network.model(embedding);
}

const averaged = (network: NetworkWriter, features: string): string =>
  network.node('Flatten', [network.node('GlobalAveragePool', [features])]);

describe('importBackbone', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    ['convolutions and norms', convolutionalNetwork],
    ['branches and attention', branchedNetwork],
  ])('exports %s as they came, for any batch', async (_, network) => {
    const model = network();
    const imported = importedNetwork(model);
    for (const batch of [1, 3]) {
      const images = imagesOf(imported.backbone, batch);
      expect(await exportDifference(model, imported, images, channelsFirst(images))).toBeLessThan(TOLERANCE);
    }
  });

  it('is exported with the weights it is given: a changed one shows', async () => {
    const model = convolutionalNetwork();
    const { backbone, weights, operators } = importedNetwork(model);
    const images = imagesOf(backbone, 2);
    for (const [name, { shape, values }] of weights) {
      const changed = new Map(weights).set(name, { shape, values: values.map((value) => value + 0.1) });
      const exported = { backbone, weights: changed, operators };
      const difference = await exportDifference(model, exported, images, channelsFirst(images));
      expect(difference, name).toBeGreaterThan(100 * TOLERANCE);
    }
  });

  it('leaves no transposition in what was exported', () => {
    const { backbone, weights } = importedNetwork(convolutionalNetwork());
    expect(countNodes(compileServingGraph(backbone, weights), 'Transpose')).toBe(0);
  });

  it('gives a graph the pixels that its manifest names', async () => {
    const model = convolutionalNetwork();
    const [mean, scale] = [[120, 110, 100] as const, [127.5, 64, 255] as const];
    const imported = importedNetwork(model, { channelOrder: 'BGR', mean, scale });
    const images = imagesOf(imported.backbone, 2);
    const pixels = tf.add(tf.mul(images, 128), 127.5);
    const blueFirst = tf.div(tf.sub(tf.reverse(pixels, 3), tf.tensor1d([...mean])), tf.tensor1d([...scale]));
    const difference = await exportDifference(
      model,
      imported,
      images,
      channelsFirst(blueFirst as tf.Tensor4D),
    );
    expect(difference).toBeLessThan(TOLERANCE);
  });

  it('takes graphs of channels-last images, whose transposition costs nothing', async () => {
    const network = new NetworkWriter();
    const first = network.node('Transpose', ['image'], { perm: [0, 3, 1, 2] });
    const model = network.model(averaged(network, network.convolution(first, [4, 3, 3, 3])), {
      dimensions: ['n', 12, 12, 3],
    });
    const imported = importedNetwork(model, { layout: 'NHWC' });
    const images = imagesOf(imported.backbone, 2);
    expect(await exportDifference(model, imported, images, images)).toBeLessThan(TOLERANCE);
    expect(countNodes(compileServingGraph(imported.backbone, imported.weights), 'Transpose')).toBe(0);
  });

  it('frees the batch of a graph that was exported for one image', async () => {
    const network = new NetworkWriter();
    const features = network.convolution('image', [4, 3, 3, 3]);
    const flat = network.node('Reshape', [features, network.integers(1, -1)]);
    const embedding = network.node('Gemm', [flat, network.weights([400, 5])]);
    const model = network.model(embedding, { batch: 1 });
    const imported = importedNetwork(model);
    const images = imagesOf(imported.backbone, 1);
    expect(await exportDifference(model, imported, images, channelsFirst(images))).toBeLessThan(TOLERANCE);
    const variables = backboneVariables(imported.backbone, imported.weights);
    const { embeddings } = imported.backbone.forward(imagesOf(imported.backbone, 3), variables, {
      normalisation: 'frozen',
    });
    expect(embeddings.shape).toEqual([3, 5]);
  });

  it('follows shapes that the graph works out from the batch', async () => {
    const model = modelEndingIn((network, features) => {
      const shape = network.node('Shape', [features]);
      const batch = network.node('Gather', [shape, network.integers(0)], { axis: 0 });
      return network.node('Reshape', [
        network.node('GlobalAveragePool', [features]),
        network.node('Concat', [batch, network.integers(-1)], { axis: 0 }),
      ]);
    });
    const imported = importedNetwork(model);
    const images = imagesOf(imported.backbone, 3);
    expect(await exportDifference(model, imported, images, channelsFirst(images))).toBeLessThan(TOLERANCE);
  });

  it('counts parameters and multiply-adds', () => {
    const { backbone, operators } = importedNetwork(convolutionalNetwork());
    const stem = 8 * 3 * 9;
    const norms = 2 * 2 * 8;
    const sizes = stem + 8 + norms + 8 + (72 + 8) + (8 * 4 * 9 + 8) + (8 * 72 + 8);
    expect(backbone.parameterCount).toBe(sizes);
    // 6x6 positions of three convolutions, and the matrix.
    expect(backbone.multiplyAdds).toBe(36 * (stem + 72 + 8 * 4 * 9) + 8 * 72);
    expect(backbone.embeddingSize).toBe(8);
    expect(Object.fromEntries(operators)).toMatchObject({
      Conv: 3,
      BatchNormalization: 2,
      PRelu: 1,
      Gemm: 1,
    });
  });

  it('learns factors and addends behind the first weights, not the pixel normalisation or single numbers', () => {
    const network = new NetworkWriter();
    const pixels = network.node('Mul', [
      network.node('Sub', ['image', network.weights([1, 3, 1, 1])]),
      network.weights([3, 1, 1]),
    ]);
    const features = network.convolution(pixels, [4, 3, 3, 3]);
    const scaled = network.node('Mul', [features, network.weights([4, 1, 1])]);
    const shifted = network.node('Add', [scaled, network.weights([1, 4, 1, 1])]);
    const model = network.model(averaged(network, network.node('Div', [shifted, network.number(6)])));
    const { backbone } = importedNetwork(model);
    expect(backbone.parameters.map(({ name, decayGroup, shape }) => [name, decayGroup, shape])).toEqual([
      ['weights_2', 'weights', [4, 3, 3, 3]],
      ['weights_3', 'weights', [4]],
      ['weights_4', 'normalisation', [4, 1, 1]],
      ['weights_5', 'weights', [1, 4, 1, 1]],
    ]);
  });

  it('learns what Constant nodes give, whatever they have it in, and weights of half precision', () => {
    const network = new NetworkWriter();
    const filters = tensorOf([0.5, -1, 2], [1, 3, 1, 1], 'float16');
    const features = network.node('Conv', [
      'image',
      network.node('Constant', [], { value: { tensor: filters } }),
    ]);
    const slopes = network.node('Constant', [], { value_floats: { floats: [0.25] } });
    const active = network.node('PRelu', [features, slopes]);
    const scaled = network.node('Mul', [active, network.node('Constant', [], { value_float: { float: 3 } })]);
    const channel = network.node('Constant', [], { value_int: 0 });
    const picked = network.node('Gather', [scaled, channel], { axis: 1 });
    const shape = network.node('Constant', [], { value_ints: [0, -1] });
    const { weights, backbone } = importedNetwork(network.model(network.node('Reshape', [picked, shape])));
    expect(backbone.embeddingSize).toBe(12 * 12);
    expect([...weights.values()]).toEqual([
      { shape: [1, 3, 1, 1], values: Float32Array.of(0.5, -1, 2) },
      { shape: [1], values: Float32Array.of(0.25) },
    ]);
  });

  it('names a Constant node that gives no numbers', () => {
    const model = modelEndingIn((network, features) =>
      network.node('Add', [features, network.node('Constant', [], { value_string: 'text' })]),
    );
    expect(() => importedNetwork(model)).toThrow('Constant (node constant_1) has no numbers');
  });

  it('learns what constants make of weights before they are used', () => {
    const model = modelEndingIn((network, features) => {
      const matrix = network.node('Transpose', [network.weights([6, 4])]);
      return network.node('MatMul', [averaged(network, features), matrix]);
    });
    const { backbone, weights } = importedNetwork(model);
    const learnt = backbone.parameters.at(-1)!;
    expect(learnt.shape).toEqual([4, 6]);
    expect(weights.get(learnt.name)!.values).toHaveLength(24);
  });

  it('keeps a constant that two norms share apart, as their averages are', () => {
    const model = modelEndingIn((network, features) => {
      const [ones, zeros] = [network.weights([4], 1, 0), network.weights([4], 0, 0)];
      const norm = (x: string): string => network.node('BatchNormalization', [x, ones, zeros, zeros, ones]);
      return averaged(network, norm(norm(features)));
    });
    const { backbone, weights } = importedNetwork(model);
    const names = [...backbone.parameters, ...backbone.statistics].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(backbone.statistics).toHaveLength(4);
    expect([...weights.keys()].sort()).toEqual([...names].sort());
  });

  it('updates running statistics in a live pass and leaves them in a frozen one', () => {
    const { backbone, weights } = importedNetwork(convolutionalNetwork());
    const variables = backboneVariables(backbone, weights);
    const images = imagesOf(backbone, 4);
    const live = backbone.forward(images, variables, { normalisation: 'live' }).statistics;
    expect(Object.keys(live).sort()).toEqual(backbone.statistics.map(({ name }) => name).sort());
    expect(backbone.forward(images, variables, { normalisation: 'frozen' }).statistics).toEqual({});
  });

  it('has weights that a file can hold', () => {
    const { backbone, weights } = importedNetwork(convolutionalNetwork());
    const read = readSafetensors(writeSafetensors(weights));
    expect(read).toEqual(new Map([...weights].sort(([a], [b]) => (a < b ? -1 : 1))));
    expect(() => backboneVariables(backbone, read)).not.toThrow();
  });

  it('names each operator without a rule once, with a node', () => {
    const model = modelEndingIn((network, features) => {
      const enlarged = network.node('Resize', [network.node('Resize', [features])]);
      return averaged(network, network.node('GridSample', [enlarged]));
    });
    const importing = () => importedNetwork(model);
    expect(importing).toThrow(Failure);
    expect(importing).toThrow('cannot be trained: Resize (node resize_1), GridSample (node gridsample_3)');
  });

  it.each<[string, (network: NetworkWriter, features: string) => string, string]>([
    [
      'output of the whole batch',
      (n, x) => n.node('ReduceMean', [x], { keepdims: 0 }),
      'no embedding of each image',
    ],
    ['constant output', (n) => n.weights([1, 4]), 'without the images'],
    ['huge value', (n, x) => n.node('Expand', [x, n.integers(1000, 1000, 1, 4, 10, 10)]), 'too large'],
    [
      'huge constant',
      (n, x) => n.node('Add', [x, n.node('ConstantOfShape', [n.integers(2 ** 30)])]),
      'too large',
    ],
    ['huge padding', (n, x) => n.node('Pad', [x, n.integers(0, 0, 0, 0, 0, 0, 0, 2 ** 30)]), 'too large'],
    [
      'huge dilation',
      (n, x) => n.convolution(x, [4, 4, 2, 2], { dilations: [2 ** 30, 2 ** 30], auto_pad: 'SAME_UPPER' }),
      'too large',
    ],
    ['mismatch of channels', (n, x) => n.convolution(x, [4, 3, 1, 1]), 'for 4 channels'],
    [
      'mismatch of shapes',
      (n, x) => n.node('Add', [x, n.weights([7])]),
      'Add (node add_1) cannot be evaluated',
    ],
    ['missing value', (n) => n.node('Relu', ['nowhere']), 'takes nowhere, which nothing before it computes'],
  ])('refuses a graph with a(n) %s', (_, ending, message) => {
    const importing = () => importedNetwork(modelEndingIn(ending));
    expect(importing).toThrow(Failure);
    expect(importing).toThrow(message);
  });

  it('refuses what does not fit the manifest', () => {
    const model = convolutionalNetwork();
    expect(() => importedNetwork(model, { height: 16 })).toThrow(
      'input image has the shape [?, 3, 12, 12], the manifest says NCHW [1, 3, 16, 12]',
    );
    expect(() => importedNetwork(model, { layout: 'NHWC' })).toThrow(Failure);
  });

  it('quotes names of any length without what steers a terminal', () => {
    const model = networkEndingIn((network, features) =>
      network.node(`\u001b[2J${'x'.repeat(10_000)}`, [features]),
    ).model('x');
    const message = (() => {
      try {
        return (importedNetwork(model), '');
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message.length).toBeLessThan(600);
    expect(message).not.toMatch(/\p{Cc}/u);
  });
});
