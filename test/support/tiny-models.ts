import { writeOnnx, type Dimension, type Initializer } from './onnx-writer.js';

export interface TinyBackboneOptions {
  readonly side?: number;
  readonly batch?: Dimension;
  readonly dimension?: number;
  readonly weights?: readonly number[];
  readonly externalLocation?: string;
}

/** A "backbone": the mean of each channel of [n, 3, side, side] times a [3, dimension] matrix. */
export function tinyBackbone(options: TinyBackboneOptions = {}): Uint8Array {
  const { side = 112, batch = 'n', dimension = 4 } = options;
  const weights = options.weights ?? Array.from({ length: 3 * dimension }, (_, i) => Math.sin(i + 1));
  const matrix: Initializer = {
    name: 'weights',
    dimensions: [3, dimension],
    values: weights,
    ...(options.externalLocation === undefined ? {} : { externalLocation: options.externalLocation }),
  };
  return writeOnnx({
    inputs: [{ name: 'crops', dimensions: [batch, 3, side, side] }],
    outputs: [{ name: 'embeddings', dimensions: [batch, dimension] }],
    initializers: [matrix],
    nodes: [
      { operator: 'GlobalAveragePool', inputs: ['crops'], outputs: ['means'] },
      { operator: 'Flatten', inputs: ['means'], outputs: ['flat'] },
      { operator: 'MatMul', inputs: ['flat', 'weights'], outputs: ['embeddings'] },
    ],
  });
}

/**
 * A network that gives the same outputs for every image; for detectors whose answer a spec writes down.
 * @param outputs by name; none may be empty
 */
export function constantNetwork(
  inputDimensions: readonly Dimension[],
  outputs: readonly Initializer[],
): Uint8Array {
  return writeOnnx({
    inputs: [{ name: 'image', dimensions: inputDimensions }],
    outputs: outputs.map(({ name, dimensions }) => ({ name, dimensions })),
    initializers: outputs.map((output) => ({ ...output, name: `constant_${output.name}` })),
    nodes: outputs.map(({ name }) => ({
      operator: 'Identity',
      inputs: [`constant_${name}`],
      outputs: [name],
    })),
  });
}
