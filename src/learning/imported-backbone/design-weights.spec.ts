import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Weights } from '../../core/models/weights.js';
import type { Graph } from '../../onnx/graph.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { floatsOf } from '../../onnx/tensor.js';
import { createBackbone } from '../backbones/backbone.js';
import { backboneArchitecture } from '../backbones/catalogue.js';
import { compileServingGraph } from '../backbones/serving-graph.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import { initialWeights } from '../weights/initial-weights.js';
import { designWeights } from './design-weights.js';

const backbone = createBackbone(backboneArchitecture('mobilefacenet'), {
  inputSize: { height: 16, width: 16 },
  embeddingSize: 8,
});

/** Drawn weights whose norms change something. */
function drawn(): Weights {
  return new Map(
    Array.from(initialWeights(backbone, 3), ([name, { shape, values }]) => {
      const isNorm = name.includes('.norm.');
      const changed = values.map(
        (value, index) => value + (isNorm ? 0.3 * Math.sin(index + name.length) : 0),
      );
      return [name, { shape, values: changed }];
    }),
  );
}

function embeddingsWith(weights: Weights): Float32Array {
  const variables = backboneVariables(backbone, weights);
  return tf.tidy(() => {
    const images = tf.reshape<tf.Rank.R4>(tf.sin(tf.range(0, 2 * 16 * 16 * 3)), [2, 16, 16, 3]);
    return backbone.forward(images, variables, { normalisation: 'frozen' }).embeddings.dataSync<'float32'>();
  });
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0) / largest;
}

/** The graph as a network that takes BGR has it: the first filters' channels the other way round. */
function withReversedImages(graph: Graph): Graph {
  const [, name = ''] = graph.nodes.find(({ operator }) => operator === 'Conv')!.inputs;
  const filters = graph.constants.get(name)!;
  const [, , height = 0, width = 0] = filters.dims;
  const elements = floatsOf(filters).map((_, index, values) => {
    const channel = Math.floor(index / (height * width)) % 3;
    return values[index + 2 * (1 - channel) * height * width]!;
  });
  return { ...graph, constants: new Map(graph.constants).set(name, { ...filters, elements }) };
}

describe('weights of a design from an ONNX graph', () => {
  let weights: Weights;
  let graph: Graph;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    weights = drawn();
    graph = readOnnx(compileServingGraph(backbone, weights)).graph;
  });

  it('compute what the graph does, whose norms are folded', () => {
    const adopted = designWeights(graph, backbone, 'RGB');
    expect(largestDifference(embeddingsWith(weights), embeddingsWith(adopted))).toBeLessThan(1e-4);
    // Not by chance: any other order of the channels shows.
    const reversed = designWeights(graph, backbone, 'BGR');
    expect(largestDifference(embeddingsWith(weights), embeddingsWith(reversed))).toBeGreaterThan(1e-2);
  });

  it('take images as the design does where the graph takes BGR', () => {
    const adopted = designWeights(withReversedImages(graph), backbone, 'BGR');
    expect(largestDifference(embeddingsWith(weights), embeddingsWith(adopted))).toBeLessThan(1e-4);
  });

  it.each<[string, (given: Graph) => Graph, RegExp]>([
    [
      'a layer less',
      (given) => ({ ...given, nodes: given.nodes.slice(0, -3) }),
      /in the place of .* the file has nothing/u,
    ],
    [
      'a layer more',
      (given) => ({
        ...given,
        nodes: [...given.nodes, given.nodes.find(({ operator }) => operator === 'Conv')!],
      }),
      /it has \d+ convolutions and PReLUs, the file \d+/u,
    ],
    [
      'another operator',
      (given) => ({
        ...given,
        nodes: given.nodes.map((node) =>
          node.operator === 'PRelu' ? { ...node, operator: 'LeakyRelu' } : node,
        ),
      }),
      /in the place of stem\.activation\.slopes the file has Conv/u,
    ],
  ])('are refused with %s', (_case, changed, message) => {
    expect(() => designWeights(changed(graph), backbone, 'RGB')).toThrow(message);
  });

  it('are refused of a network with other widths', () => {
    const wider = createBackbone(backboneArchitecture('mobilefacenet'), {
      inputSize: { height: 16, width: 16 },
      embeddingSize: 16,
    });
    expect(() => designWeights(graph, wider, 'RGB')).toThrow(
      'embedding.filter has the shape [1, 1, 512, 16], in the file [1, 1, 512, 8]',
    );
  });
});
