import type { Attributes, Dimension, GraphNode } from '../../src/onnx/graph.js';
import { tensorOf, type ElementType, type Tensor } from '../../src/onnx/tensor.js';
import { floatsNamed, nodeOf, onnxFile } from './onnx-files.js';

/** Writes small ONNX networks node by node, with weights that are waves. */
export class NetworkWriter {
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Tensor>();

  /** @param phase of the waves: networks of different ones have different weights */
  constructor(private readonly phase = 0) {}

  /** @param inputs names of values @returns the name of the output */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const [output = ''] = this.nodes(operator, inputs, 1, attributes);
    return output;
  }

  nodes(
    operator: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Attributes = {},
  ): string[] {
    const name = `${operator.toLowerCase()}_${this.#nodes.length}`;
    const outputs = Array.from({ length: outputCount }, (_, index) => `${name}:${index}`);
    this.#nodes.push(nodeOf(operator, inputs, outputs, attributes, name));
    return outputs;
  }

  /** Numbers around `mean`. */
  weights(shape: readonly number[], mean = 0, spread = 0.6): string {
    const count = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from(
      { length: count },
      (_, index) => mean + spread * Math.sin(1.7 * index + this.#constants.size + this.phase),
    );
    return this.#constant('weights', values, shape);
  }

  integers(...values: readonly number[]): string {
    return this.#constant('integers', values, [values.length], 'int64');
  }

  number(value: number): string {
    return this.#constant('number', [value], []);
  }

  convolution(x: string, shape: readonly number[], attributes: Attributes = {}): string {
    return this.node('Conv', [x, this.weights(shape), this.weights([shape[0]!], 0, 0.2)], attributes);
  }

  batchNorm(x: string, channels: number): string {
    const around = (mean: number): string => this.weights([channels], mean, 0.3);
    return this.node('BatchNormalization', [x, around(1), around(0), around(0), around(1)]);
  }

  /** The model from `image` [n, 3, side, side], or of other extents, to the value `embedding`. */
  model(
    embedding: string,
    {
      side = 12,
      batch = 'n',
      dimensions,
    }: { side?: number; batch?: Dimension; dimensions?: readonly Dimension[] } = {},
  ): Uint8Array {
    return onnxFile({
      inputs: [floatsNamed('image', dimensions ?? [batch, 3, side, side])],
      outputs: [floatsNamed(embedding)],
      constants: this.#constants,
      nodes: this.#nodes,
    });
  }

  #constant(
    kind: string,
    values: readonly number[],
    dims: readonly number[],
    elementType: ElementType = 'float32',
  ): string {
    const name = `${kind}_${this.#constants.size}`;
    this.#constants.set(name, tensorOf(values, dims, elementType));
    return name;
  }
}

/** Convolutions of every kind, batch norm, PReLU, a residual, average pooling, a matrix. [n, 3, 12, 12] -> [n, 8] */
export function convolutionalNetwork(): Uint8Array {
  const network = new NetworkWriter();
  const stem = network.batchNorm(
    network.convolution('image', [8, 3, 3, 3], { strides: [2, 2], pads: [0, 1, 1, 0] }),
    8,
  );
  const active = network.node('PRelu', [stem, network.weights([8, 1, 1], 0.25, 0.1)]);
  const depthwise = network.convolution(active, [8, 1, 3, 3], { group: 8, pads: [1, 1, 1, 1] });
  const grouped = network.convolution(network.batchNorm(depthwise, 8), [8, 4, 3, 3], {
    group: 2,
    pads: [1, 1, 1, 1],
  });
  const sum = network.node('Add', [active, grouped]);
  const pooled = network.node('AveragePool', [sum], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 0, 0],
  });
  const flat = network.node('Flatten', [pooled]);
  const matrix = network.weights([8, 72], 0, 0.3);
  return network.model(network.node('Gemm', [flat, matrix, network.weights([8])], { transB: 1 }));
}

/** Pooling, squeeze and excitation, a channel shuffle, splits and slices, dilation. [n, 3, 12, 12] -> [n, 6] */
export function branchedNetwork(): Uint8Array {
  const network = new NetworkWriter();
  const focus = [0, 1].map((column) =>
    network.node('Slice', [
      'image',
      ...[[column], [2 ** 31 - 1], [3], [2]].map((list) => network.integers(...list)),
    ]),
  );
  const stem = network.convolution(network.node('Concat', focus, { axis: 1 }), [8, 6, 3, 3], {
    dilations: [2, 1],
    pads: [2, 1, 2, 1],
  });
  const pooled = network.node('MaxPool', [network.node('LeakyRelu', [stem])], {
    ...{ kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 0] },
  });
  const squeezed = network.convolution(network.node('GlobalAveragePool', [pooled]), [8, 8, 1, 1]);
  const attended = network.node('Mul', [pooled, network.node('HardSigmoid', [squeezed])]);
  const swish = network.node('Mul', [attended, network.node('Sigmoid', [attended])]);
  const split = network.node('Reshape', [swish, network.integers(0, 2, 4, 6, -1)]);
  const shuffled = network.node('Reshape', [
    network.node('Transpose', [split], { perm: [0, 2, 1, 3, 4] }),
    network.integers(0, 8, 6, -1),
  ]);
  const [left = '', right = ''] = network.nodes('Split', [shuffled], 2, { axis: 1 });
  const picked = network.node('Gather', [right, network.integers(3, 0, 0)], { axis: 1 });
  const clipped = network.node('Clip', [
    network.node('HardSwish', [left]),
    network.number(-0.3),
    network.number(1),
  ]);
  const joined = network.node('Concat', [clipped, picked], { axis: -3 });
  const padded = network.node('Pad', [joined, network.integers(0, 1, 0, 0, 0, 0, 0, -1)]);
  const means = network.node('ReduceMean', [padded], { axes: [2, 3], keepdims: 0 });
  const product = network.node('MatMul', [means, network.weights([8, 6])]);
  const embedding = network.node('Add', [product, network.weights([6])]);
  const length = network.node('ReduceL2', [embedding], { axes: [1], keepdims: 1 });
  return network.model(network.node('Div', [embedding, length]));
}

/** ImageNet's mean and deviation of x / 255 as a manifest has them, blue first. */
export const imageNetPixels = {
  channelOrder: 'BGR',
  mean: [103.53, 116.28, 123.675],
  scale: [57.375, 57.12, 58.395],
} as const;

/** Of {@link imageNetNetwork}. */
export const smallManifest = {
  schemaVersion: 1,
  kind: 'backbone',
  displayName: 'small',
  license: 'MIT',
  source: 'made by this test',
  input: { width: 112, height: 112, layout: 'NCHW', ...imageNetPixels },
  alignment: 'arcface-112',
  embedding: { dimension: 8, testTimeAugmentation: 'none' },
} as const;

/** The `backbone` of a training configuration that starts from {@link imageNetNetwork} in a file beside it. */
export function imageNetBackbone(file = 'small.onnx'): string {
  const { channelOrder, mean, scale } = imageNetPixels;
  const preprocessing = `{ channelOrder: ${channelOrder}, mean: [${mean.join()}], scale: [${scale.join()}] }`;
  return `{ onnx: ${file}, preprocessing: ${preprocessing} }`;
}

interface ImageNetNetworkOptions {
  /** Of the faces, in pixels; of 96, they are the middle columns of 112. */
  readonly width?: number;
  readonly height?: number;
  /** See {@link NetworkWriter}. */
  readonly phase?: number;
  /** With a batch norm, whose statistics are those of the file. */
  readonly hasNorm?: boolean;
}

/**
 * Two convolutions and a matrix for faces that want {@link imageNetPixels}. [n, 3, height, width] -> [n, 8].
 * A process that trains it takes a third of the time that one takes for the smallest design.
 * @param spread of the matrix
 */
export function imageNetNetwork(
  spread = 0.1,
  { width = 112, height = 112, phase = 0, hasNorm = true }: ImageNetNetworkOptions = {},
): Uint8Array {
  const network = new NetworkWriter(phase);
  const filtered = network.convolution('image', [4, 3, 7, 7], { strides: [7, 7] });
  const stem = hasNorm ? network.batchNorm(filtered, 4) : filtered;
  const active = network.node('PRelu', [stem, network.weights([4, 1, 1], 0.25, 0.1)]);
  const features = network.convolution(active, [8, 4, 4, 4], { strides: [4, 4] });
  const flat = network.node('Flatten', [features]);
  // Without padding, convolutions of 7 and 4 pixels whose strides are as large.
  const extentOf = (pixels: number): number => Math.floor(Math.floor(pixels / 7) / 4);
  const matrix = network.weights([8, 8 * extentOf(height) * extentOf(width)], 0, spread);
  const embedding = network.node('Gemm', [flat, matrix, network.weights([8])], { transB: 1 });
  return network.model(embedding, { dimensions: ['n', 3, height, width] });
}
