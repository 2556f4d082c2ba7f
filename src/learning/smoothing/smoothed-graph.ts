import type * as tf from '@tensorflow/tfjs';

import { compileToGraph } from '../../compiler/compile.js';
import { Failure } from '../../core/failure.js';
import { type Graph, type GraphNode, knownExtents } from '../../onnx/graph.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { smoothCrops } from './smooth-crops.js';

/** Names of what smoothing adds to a graph begin so, with the deviation; by them it is found again. */
const prefix = 'symface-smoothing/';
const deviationOf = /^symface-smoothing\/([0-9.]+)\//u;

/**
 * A network's graph that smooths its crops first.
 * @param file an ONNX file whose one input is [n, 3, height, width]
 * @param deviationPixels of `smoothCrops`; 0: the file itself
 * @throws Failure MODEL_INVALID where its input is of another shape
 */
export function withSmoothing(file: Uint8Array, deviationPixels: number): Uint8Array {
  if (deviationPixels === 0) return file;
  const model = readOnnx(file);
  const { graph } = model;
  const [input] = graph.inputs;
  const [, channels, height, width] = input === undefined ? [] : knownExtents(input);
  if (input === undefined || channels !== 3 || height === undefined || width === undefined)
    throw new Failure(
      'MODEL_INVALID',
      'only before a network of [n, 3, height, width] crops can be smoothed',
    );
  const traced = compileToGraph({
    name: 'smoothing',
    inputs: [{ name: 'crops', shape: [null, height, width, 3], dtype: 'float32', layout: 'NCHW' }],
    outputs: [{ name: 'smoothed', layout: 'NCHW' }],
    run: (crops) => [smoothCrops(crops as tf.Tensor4D, deviationPixels)],
  });
  const named = (name: string): string => `${prefix}${deviationPixels}/${name}`;
  const own = (name: string): string => {
    if (name === '') return name;
    return name === 'crops' ? input.name : named(name);
  };
  const behind = (name: string): string => (name === input.name ? named('smoothed') : name);
  const nodes = [
    ...traced.nodes.map((node) => renamed(node, own)),
    ...graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(behind) })),
  ];
  const constants = new Map([
    ...[...traced.constants].map(([name, tensor]) => [own(name), tensor] as const),
    ...graph.constants,
  ]);
  return writeOnnx({ ...model, graph: { ...graph, nodes, constants } });
}

/** A graph taken apart: the backbone, and how its crops are smoothed; 0 where they are not. */
export interface BackboneAndSmoothing {
  readonly graph: Graph;
  readonly deviationPixels: number;
}

/** Undoes {@link withSmoothing}: what is trained on is the backbone, and how much to smooth is chosen anew. */
export function withoutSmoothing(graph: Graph): BackboneAndSmoothing {
  const [input] = graph.inputs;
  const found = graph.nodes
    .map(({ outputs }) => deviationOf.exec(outputs[0] ?? '')?.[1])
    .find((text) => text !== undefined);
  if (input === undefined || found === undefined) return { graph, deviationPixels: 0 };
  const before = (name: string): string => (name === `${prefix}${found}/smoothed` ? input.name : name);
  const nodes = graph.nodes
    .filter(({ outputs }) => outputs[0]?.startsWith(prefix) !== true)
    .map((node) => ({ ...node, inputs: node.inputs.map(before) }));
  const constants = new Map([...graph.constants].filter(([name]) => !name.startsWith(prefix)));
  return { graph: { ...graph, nodes, constants }, deviationPixels: Number(found) };
}

function renamed(of: GraphNode, rename: (name: string) => string): GraphNode {
  return { ...of, name: rename(of.name), inputs: of.inputs.map(rename), outputs: of.outputs.map(rename) };
}
