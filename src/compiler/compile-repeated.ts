import type { Graph, GraphNode, ValueInfo } from '../onnx/graph.js';
import { tensorOf } from '../onnx/tensor.js';
import { compiledModel } from './compiled-model.js';
import { compileToGraph, type TracedFunction } from './compile.js';
import { STANDARD_ONNX } from './target.js';

/** A function that is run again and again, on what came out of it before. Its batch size is not open. */
export interface RepeatedFunction extends TracedFunction {
  /** Inputs that are others for each repetition. The first axis of them together is that of repetitions. */
  readonly perRepetition: readonly string[];
  /** Outputs that are inputs of the next repetition, and which; all other outputs are collected. */
  readonly carried: ReadonlyMap<string, string>;
}

/** The extent of the axis of repetitions, which is known when the graph is run. */
const REPETITIONS = 'repetitions';

/**
 * Compiles a function and its repetition to one ONNX graph: a `Loop`. What is carried stays where the provider computes.
 *
 * Inputs are those of the function; those of `perRepetition` have an axis of repetitions before the others, and as many are
 * done as it is long. Outputs are those of the function: what is carried as it is in the end; what is not, with an axis of
 * repetitions before the others.
 *
 * @throws as compileToOnnx does; RangeError where it has no input of that name
 */
export function compileRepeated(repeated: RepeatedFunction, target = STANDARD_ONNX): Uint8Array {
  return compiledModel(repetition(compileToGraph(repeated, target), repeated), repeated.name);
}

function repetition(step: Graph, { perRepetition, carried }: RepeatedFunction): Graph {
  const carriedInputs = [...carried.values()].map((name) => named(step.inputs, name));
  const carriedOutputs = [...carried.keys()].map((name) => named(step.outputs, name));
  const collected = step.outputs.filter(({ name }) => !carried.has(name));
  const stacked = perRepetition.map((name) => named(step.inputs, name));
  const [counted = ''] = perRepetition;
  const loop: GraphNode = {
    ...node('Loop', [REPETITIONS, '', ...[...carried.values()]], []),
    outputs: [...carriedOutputs, ...collected].map(({ name }) => name),
    attributes: { body: { graph: bodyOf(step, { carriedInputs, carriedOutputs, collected, stacked }) } },
  };
  return {
    name: step.name,
    nodes: [
      node('Shape', [counted], ['shape:repetitions']),
      node('Gather', ['shape:repetitions', 'first:repetitions'], [REPETITIONS], { axis: 0 }),
      loop,
    ],
    constants: new Map([['first:repetitions', tensorOf([0], [], 'int64')]]),
    inputs: step.inputs.map((input) => (perRepetition.includes(input.name) ? repeatedly(input) : input)),
    outputs: [...carriedOutputs, ...collected.map(repeatedly)],
  };
}

interface LoopValues {
  readonly carriedInputs: readonly ValueInfo[];
  readonly carriedOutputs: readonly ValueInfo[];
  readonly collected: readonly ValueInfo[];
  readonly stacked: readonly ValueInfo[];
}

/**
 * One repetition. A name means one value in the whole file, so that all of those that are outside, too, are others here.
 * Inputs that are the same for all repetitions are those outside.
 */
function bodyOf(step: Graph, { carriedInputs, carriedOutputs, collected, stacked }: LoopValues): Graph {
  const own = [...carriedInputs, ...carriedOutputs, ...collected, ...stacked].map(({ name }) => name);
  const renamed = new Map(own.map((name) => [name, inBody(name)]));
  const rename = (name: string): string => renamed.get(name) ?? name;
  const inside = (value: ValueInfo): ValueInfo => ({ ...value, name: rename(value.name) });
  const nodes = step.nodes.map((each) => ({
    ...each,
    inputs: each.inputs.map(rename),
    outputs: each.outputs.map(rename),
  }));
  const [iteration, goesOn, goesOnAfter] = ['number', 'goes-on', 'goes-on-after'].map(inBody) as [
    string,
    string,
    string,
  ];
  return {
    name: 'repetition',
    nodes: [
      ...stacked.map(({ name }) => node('Gather', [name, iteration], [rename(name)], { axis: 0 })),
      ...nodes,
      node('Identity', [goesOn], [goesOnAfter]),
    ],
    constants: step.constants,
    inputs: [
      { name: iteration, elementType: 'int64', dims: [] },
      { name: goesOn, elementType: 'bool', dims: [] },
      ...carriedInputs.map(inside),
    ],
    outputs: [
      { name: goesOnAfter, elementType: 'bool', dims: [] },
      ...[...carriedOutputs, ...collected].map(inside),
    ],
  };
}

/** The colon keeps it apart from the names of inputs and outputs. */
const inBody = (name: string): string => `repetition:${name}`;

function repeatedly(value: ValueInfo): ValueInfo {
  return { ...value, dims: [REPETITIONS, ...(value.dims ?? [])] };
}

function named(values: readonly ValueInfo[], name: string): ValueInfo {
  const value = values.find((each) => each.name === name);
  if (value === undefined) throw new RangeError(`the function that is repeated has no ${name}`);
  return value;
}

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { name: '', operator, domain: '', inputs, outputs, attributes };
}
