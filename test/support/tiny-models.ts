import type { Dimension } from '../../src/onnx/graph.js';
import { tensorOf } from '../../src/onnx/tensor.js';
import { floatsNamed, nodeOf, onnxFile } from './onnx-files.js';

export interface TinyBackboneOptions {
  readonly side?: number;
  readonly batch?: Dimension;
  readonly dimension?: number;
  readonly weights?: readonly number[];
}

/** A "backbone": the mean of each channel of [n, 3, side, side] times a [3, dimension] matrix. */
export function tinyBackbone(options: TinyBackboneOptions = {}): Uint8Array {
  const { side = 112, batch = 'n', dimension = 4 } = options;
  const weights = options.weights ?? Array.from({ length: 3 * dimension }, (_, i) => Math.sin(i + 1));
  return onnxFile({
    inputs: [floatsNamed('crops', [batch, 3, side, side])],
    outputs: [floatsNamed('embeddings', [batch, dimension])],
    constants: new Map([['weights', tensorOf(weights, [3, dimension], 'float32')]]),
    nodes: [
      nodeOf('GlobalAveragePool', ['crops'], ['means']),
      nodeOf('Flatten', ['means'], ['flat']),
      nodeOf('MatMul', ['flat', 'weights'], ['embeddings']),
    ],
  });
}

/** What a network always answers; not empty. */
export interface ConstantOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A network that gives the same outputs for every image; for detectors whose answer a spec writes down. */
export function constantNetwork(
  inputDims: readonly Dimension[],
  outputs: readonly ConstantOutput[],
): Uint8Array {
  return onnxFile({
    inputs: [floatsNamed('image', inputDims)],
    outputs: outputs.map(({ name, dims }) => floatsNamed(name, dims)),
    constants: new Map(
      outputs.map(({ name, dims, values }) => [`constant_${name}`, tensorOf(values, dims, 'float32')]),
    ),
    nodes: outputs.map(({ name }) => nodeOf('Identity', [`constant_${name}`], [name])),
  });
}
