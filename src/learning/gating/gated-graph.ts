import { compileToGraph } from '../../compiler/compile.js';
import { Failure } from '../../core/failure.js';
import type { Graph, GraphNode, ValueInfo } from '../../onnx/graph.js';
import { graphAttribute, readOnnx } from '../../onnx/read-onnx.js';
import { type Tensor, tensorOf } from '../../onnx/tensor.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { cropLookLength, cropLooks } from './crop-look.js';
import type { LookGate } from './look-gate.js';
import type * as tf from '@tensorflow/tfjs';

/** Names of what a gate adds to a file begin so; by them it is found again. Whoever changes `cropLooks` changes the number. */
const prefix = 'symface-gate-2/';
/** Of earlier looks: such a file serves as it did, and is taken apart. */
const formerPrefix = 'symface-gate-1/';
const named = (part: string): string => `${prefix}${part}`;
const branch = { adapted: named('adapted'), general: named('general') } as const;

/** What stands beside an adapted network: the one for all other faces, and what tells which of both a face gets. */
export interface Gating {
  /** An ONNX file with the adapted one's input and output. */
  readonly general: Uint8Array;
  readonly gate: LookGate;
  /** What the adapted network's embeddings are multiplied by, so that those of both are about as long. */
  readonly adaptedScale: number;
}

/**
 * Two networks in one graph: each crop gets the embedding of the adapted one where it looks like what that was adapted to (`cropLooks`), and else that
 * of the general one. A network that no crop of a batch needs is not run.
 *
 *     s = [look(x) w + b > 0],  e(x) = s a f_adapted(x) + (1 - s) f_general(x)
 *
 * @param adapted an ONNX file whose one input is [n, 3, height, width], (v - 127.5) / 128, and whose one output is [n, D]
 * @throws Failure MODEL_INVALID where the general network has another input or output
 */
export function gatedGraph(adapted: Uint8Array, { general, gate, adaptedScale }: Gating): Uint8Array {
  const model = readOnnx(adapted);
  const other = readOnnx(general).graph;
  const [input] = model.graph.inputs;
  const [output] = model.graph.outputs;
  if (input === undefined || output === undefined || !hasSame(model.graph, other))
    throw new Failure('MODEL_INVALID', 'a gate chooses between networks of the same input and output only');
  const dimension = Number(output.dims?.at(-1));
  const looks = looksGraph(input);
  const constants = new Map<string, Tensor>([
    ...looks.constants,
    [named('weights'), tensorOf(gate.weights, [cropLookLength, 1], 'float32')],
    [named('bias'), tensorOf([gate.bias], [1], 'float32')],
    [named('zero'), tensorOf([0], [1], 'float32')],
    [named('half'), tensorOf([0.5], [1], 'float32')],
    [named('first'), tensorOf([0], [1], 'int64')],
    [named('dimension'), tensorOf([dimension], [1], 'int64')],
    [named('adapted-scale'), tensorOf([adaptedScale], [1], 'float32')],
  ]);
  const scaled = named('scaled');
  const nodes = [
    ...looks.nodes,
    node('MatMul', [named('looks'), named('weights')], named('products')),
    node('Add', [named('products'), named('bias')], named('logits')),
    node('Greater', [named('logits'), named('zero')], named('is-adapted')),
    node('Cast', [named('is-adapted')], named('ones'), { to: onnxFloat }),
    node('ReduceMax', [named('ones')], named('most'), { keepdims: 0 }),
    node('ReduceMin', [named('ones')], named('least'), { keepdims: 0 }),
    node('Greater', [named('most'), named('half')], named('any-adapted')),
    node('Less', [named('least'), named('half')], named('any-general')),
    node('Shape', [input.name], named('shape')),
    node('Gather', [named('shape'), named('first')], named('count'), { axis: 0 }),
    node('Concat', [named('count'), named('dimension')], named('empty-shape'), { axis: 0 }),
    whereNeeded(branch.adapted, named('any-adapted'), model.graph),
    whereNeeded(branch.general, named('any-general'), other),
    node('Mul', [branch.adapted, named('adapted-scale')], scaled),
    node('Where', [named('is-adapted'), scaled, branch.general], output.name),
  ];
  return writeOnnx({ ...model, graph: { ...model.graph, nodes, constants } });
}

/** How ONNX numbers the type of 32-bit floats, for Cast. */
const onnxFloat = 1;

/** A graph taken apart: the adapted network, and what stands beside it where something does. */
export interface AdaptedAndGating {
  readonly graph: Graph;
  readonly gating: Gating | undefined;
}

/** Undoes {@link gatedGraph}: what is trained on is the adapted network, and a gate is fitted anew. */
export function withoutGating(file: Uint8Array): AdaptedAndGating {
  const model = readOnnx(file);
  const { graph } = model;
  const own = [prefix, formerPrefix].find((start) => graph.nodes.some(({ name }) => name.startsWith(start)));
  if (own === undefined) return { graph, gating: undefined };
  const [adapted, general] = ['adapted', 'general'].map((part) => branchOf(graph, `${own}${part}`));
  const numbers = ['weights', 'bias', 'adapted-scale'].map(
    (part) => graph.constants.get(`${own}${part}`)?.elements,
  );
  const [weights, bias, scale] = numbers;
  if (adapted === undefined || general === undefined || !(weights instanceof Float32Array))
    return { graph, gating: undefined };
  const gate = { weights, bias: Number(bias?.[0] ?? 0) };
  const gating = {
    general: writeOnnx({ ...model, graph: general }),
    gate,
    adaptedScale: Number(scale?.[0] ?? 1),
  };
  return { graph: adapted, gating };
}

/** The network of a branch as a graph of its own; undefined where there is no such branch. */
function branchOf(graph: Graph, name: string): Graph | undefined {
  const value = graph.nodes.find((each) => each.name === name)?.attributes['then_branch'];
  const found = value === undefined ? undefined : graphAttribute(value);
  if (found === undefined) return undefined;
  const outer = (inner: string): string =>
    inner.startsWith(`${name}/`) ? inner.slice(name.length + 1) : inner;
  return {
    ...found,
    name: outer(found.name),
    nodes: found.nodes.map((each) => renamed(each, outer)),
    constants: new Map([...found.constants].map(([inner, tensor]) => [outer(inner), tensor])),
    inputs: graph.inputs,
    outputs: graph.outputs,
  };
}

/** Runs a network where some crop needs it; else there are zeros, which nobody takes. */
function whereNeeded(name: string, condition: string, network: Graph): GraphNode {
  const [output] = network.outputs;
  const inputs = new Set(network.inputs.map((input) => input.name));
  const inner = (outer: string): string => (outer === '' || inputs.has(outer) ? outer : `${name}/${outer}`);
  const then: Graph = {
    name: inner(network.name),
    nodes: network.nodes.map((each) => renamed(each, inner)),
    constants: new Map([...network.constants].map(([outer, tensor]) => [inner(outer), tensor])),
    inputs: [],
    outputs: network.outputs.map((value) => ({ ...value, name: inner(value.name) })),
  };
  const nothing = `${name}/nothing`;
  const otherwise: Graph = {
    name: nothing,
    nodes: [node('ConstantOfShape', [named('empty-shape')], nothing)],
    constants: new Map(),
    inputs: [],
    outputs: [{ ...output, name: nothing }],
  };
  const attributes = { then_branch: { graph: then }, else_branch: { graph: otherwise } };
  return { ...node('If', [condition], name, attributes), name };
}

/** From the network's input to how each crop looks, named as a part of the gate. */
function looksGraph(input: ValueInfo): Pick<Graph, 'nodes' | 'constants'> {
  const [, , height, width] = input.dims ?? [];
  const traced = compileToGraph({
    name: 'looks',
    inputs: [
      { name: 'crops', shape: [null, Number(height), Number(width), 3], dtype: 'float32', layout: 'NCHW' },
    ],
    outputs: ['looks'],
    run: (crops) => [cropLooks(crops as tf.Tensor4D)],
  });
  const own = (name: string): string => {
    if (name === '') return name;
    if (name === 'crops') return input.name;
    return name === 'looks' ? named('looks') : named(`look/${name}`);
  };
  return {
    nodes: traced.nodes.map((each) => renamed(each, own)),
    constants: new Map([...traced.constants].map(([name, tensor]) => [own(name), tensor])),
  };
}

function hasSame(one: Graph, other: Graph): boolean {
  const described = ({ inputs, outputs }: Graph): string =>
    JSON.stringify([...inputs, ...outputs].map(({ name, dims }) => [name, dims?.slice(1)]));
  return described(one) === described(other);
}

function renamed(of: GraphNode, rename: (name: string) => string): GraphNode {
  return { ...of, name: rename(of.name), inputs: of.inputs.map(rename), outputs: of.outputs.map(rename) };
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { name: output, operator, domain: '', inputs, outputs: [output], attributes };
}
