import { Failure } from '../../core/failure.js';
import { type Graph, type GraphNode, knownExtents } from '../../onnx/graph.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { tensorOf } from '../../onnx/tensor.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import type { EmbeddingProjection } from './within-class-whitening.js';

/** Names of what a projection adds to a graph begin so; by them it is found again. */
const prefix = 'symface-projection/';
const named = (part: string): string => `${prefix}${part}`;

/**
 * A backbone's graph with a projection as its last layer: an embedding e becomes e A.
 *
 * @param file an ONNX file with one output of shape [n, D]
 * @throws Failure MODEL_INVALID where its output is of another shape
 */
export function withProjection(file: Uint8Array, projection: EmbeddingProjection): Uint8Array {
  const model = readOnnx(file);
  const { graph } = model;
  const [output] = graph.outputs;
  const { dimension } = projection;
  if (output === undefined || knownExtents(output).at(-1) !== dimension)
    throw new Failure('MODEL_INVALID', `a projection of ${dimension} numbers fits behind no other embedding`);
  const raw = named('input');
  const constants = new Map([
    ...graph.constants,
    [named('matrix'), tensorOf(projection.matrix, [dimension, dimension], 'float32')],
  ]);
  const nodes = [
    ...graph.nodes.map((node) => renamed(node, output.name, raw)),
    projectionNode(raw, output.name),
  ];
  return writeOnnx({ ...model, graph: { ...graph, nodes, constants } });
}

/** A graph taken apart: the backbone, and the projection behind it where there is one. */
export interface BackboneAndProjection {
  readonly graph: Graph;
  readonly projection: EmbeddingProjection | undefined;
}

/**
 * Undoes {@link withProjection}: what is trained on is the backbone, and a projection is fitted anew rather than put behind
 * another one.
 */
export function withoutProjection(graph: Graph): BackboneAndProjection {
  const [output] = graph.outputs;
  const matrix = graph.constants.get(named('matrix'));
  const last = graph.nodes.at(-1);
  const isOurs = last?.name === named('product') && last.outputs[0] === output?.name;
  if (output === undefined || !isOurs || !(matrix?.elements instanceof Float32Array))
    return { graph, projection: undefined };
  const constants = new Map([...graph.constants].filter(([name]) => !name.startsWith(prefix)));
  const own = graph.nodes.filter(({ name }) => !name.startsWith(prefix));
  const nodes = own.map((node) => renamed(node, named('input'), output.name));
  const projection = { dimension: matrix.dims[0] ?? 0, matrix: matrix.elements };
  return { graph: { ...graph, nodes, constants }, projection };
}

/** (n, D) × (D, D) */
function projectionNode(input: string, output: string): GraphNode {
  const inputs = [input, named('matrix')];
  return {
    name: named('product'),
    operator: 'MatMul',
    domain: '',
    inputs,
    outputs: [output],
    attributes: {},
  };
}

/** A node with a value called otherwise wherever it takes or computes it. */
function renamed(of: GraphNode, from: string, to: string): GraphNode {
  const swap = (names: readonly string[]): readonly string[] =>
    names.includes(from) ? names.map((name) => (name === from ? to : name)) : names;
  return { ...of, inputs: swap(of.inputs), outputs: swap(of.outputs) };
}
