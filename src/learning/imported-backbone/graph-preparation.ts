import * as tf from '@tensorflow/tfjs';

import { Failure } from '../../core/failure.js';
import { ForwardPass } from '../layers/forward-pass.js';
import { evaluateNodes } from './evaluate-graph.js';
import type { GraphValue } from './graph-value.js';
import {
  describeNode,
  operatorName,
  requiredInputs,
  shown,
  type Graph,
  type GraphNode,
} from '../../onnx/graph.js';
import { evaluable, type EvaluableTensor } from './evaluable-tensor.js';
import type { Effort } from './operator-call.js';
import { operatorRule } from './operators/operator-rules.js';

/** A graph of one input and one output without what does not depend on the input. */
export interface PreparedGraph {
  readonly input: string;
  readonly output: string;
  /** The nodes in the order of evaluation; each depends on the input and the output on it. */
  readonly nodes: readonly GraphNode[];
  /** The constants, with what was computed from constants alone. */
  readonly constants: ReadonlyMap<string, EvaluableTensor>;
}

/** Elements of one value of a single image: 256 MiB. The largest of the networks in use has a hundredth. */
const MAXIMUM_ELEMENTS = 2 ** 26;
/** Elements of all that is computed from constants. */
const MAXIMUM_CONSTANT_ELEMENTS = 2 ** 28;
/** Products of one image: a hundred times those of the largest network in use. */
const MAXIMUM_MULTIPLY_ADDS = 1e13;
const MAXIMUM_CONSTANT_MULTIPLY_ADDS = 1e9;
/** Axes of a value: tfjs has kernels for up to six. */
const MAXIMUM_RANK = 8;
/** Operators without a rule that a message names. */
const MAXIMUM_LISTED = 20;

/**
 * Leaves the nodes that matter and computes what is known beforehand.
 * @throws Failure MODEL_INVALID where values are missing or defined twice, or operators have no rule (all are named)
 */
export function prepareGraph(graph: Graph): PreparedGraph {
  const inputs = requiredInputs(graph);
  const [input, ...otherInputs] = inputs;
  const [output, ...otherOutputs] = graph.outputs;
  if (input === undefined || otherInputs.length > 0) {
    throw invalid(`a backbone has one input, the images; the graph has ${inputs.length}`);
  }
  if (output === undefined || otherOutputs.length > 0) {
    throw invalid(`a backbone has one output, the embedding; the graph has ${graph.outputs.length}`);
  }
  requireOrder(graph, input.name);
  const needed = neededNodes(graph.nodes, output.name);
  requireRules(needed);
  const dependent = dependentOn(needed, input.name);
  const constants = new Map(Array.from(graph.constants, ([name, tensor]) => [name, evaluable(tensor)]));
  foldConstants(
    needed.filter((node) => !dependent.has(node)),
    constants,
  );
  const nodes = needed.filter((node) => dependent.has(node));
  if (nodes.length === 0) throw invalid('the graph computes its output without the images');
  return { input: input.name, output: output.name, nodes, constants };
}

/** What an image may cost while a graph is imported. @param multiplyAdds is told each node's */
export function boundedEffort(multiplyAdds: (count: number) => void): Effort {
  let total = 0;
  return {
    value: requireModestSize,
    multiplyAdds: (count) => {
      total += count;
      if (total > MAXIMUM_MULTIPLY_ADDS)
        throw invalid(`the graph needs more than ${MAXIMUM_MULTIPLY_ADDS} products`);
      multiplyAdds(count);
    },
  };
}

/** The batch may be empty: then what counts is one image. */
function requireModestSize(shape: readonly number[]): void {
  const elements = shape.reduce((product, extent) => product * Math.max(1, extent), 1);
  if (elements <= MAXIMUM_ELEMENTS && shape.length <= MAXIMUM_RANK) return;
  throw invalid(`the graph computes a value of shape [${shown(shape.join(', '))}], which is too large`);
}

function requireOrder({ nodes, constants, outputs }: Graph, input: string): void {
  const known = new Set([input, ...constants.keys()]);
  for (const node of nodes) {
    const missing = node.inputs.find((name) => name !== '' && !known.has(name));
    if (missing !== undefined)
      throw invalid(`${describeNode(node)} takes ${shown(missing)}, which nothing before it computes`);
    for (const name of node.outputs) {
      if (name === '') continue;
      if (known.has(name)) throw invalid(`the value ${shown(name)} is defined twice`);
      known.add(name);
    }
  }
  const missing = outputs.find(({ name }) => !known.has(name));
  if (missing !== undefined) throw invalid(`nothing computes the output ${shown(missing.name)}`);
}

function neededNodes(nodes: readonly GraphNode[], output: string): GraphNode[] {
  const needed = new Set([output]);
  const kept: GraphNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    node.inputs.forEach((name) => needed.add(name));
    kept.push(node);
  }
  return kept.reverse();
}

function requireRules(nodes: readonly GraphNode[]): void {
  const missing = new Map<string, GraphNode>();
  for (const node of nodes) {
    const name = operatorName(node);
    if (operatorRule(name) === undefined && !missing.has(name)) missing.set(name, node);
  }
  const [first] = missing.values();
  if (first === undefined) return;
  const listed = [...missing.values()].slice(0, MAXIMUM_LISTED).map(describeNode).join(', ');
  throw new Failure('MODEL_INVALID', `the graph has operators that cannot be trained: ${listed}`, {
    operator: shown(operatorName(first)),
    node: shown(first.name),
  });
}

function dependentOn(nodes: readonly GraphNode[], input: string): ReadonlySet<GraphNode> {
  const values = new Set([input]);
  const dependent = new Set<GraphNode>();
  for (const node of nodes) {
    if (!node.inputs.some((name) => values.has(name))) continue;
    dependent.add(node);
    node.outputs.forEach((name) => values.add(name));
  }
  return dependent;
}

/** Computes the nodes' outputs and adds them to the constants. */
function foldConstants(nodes: readonly GraphNode[], constants: Map<string, EvaluableTensor>): void {
  let elements = 0;
  let products = 0;
  const effort: Effort = {
    value: requireModestSize,
    multiplyAdds: (count) => {
      products += count;
      if (products > MAXIMUM_CONSTANT_MULTIPLY_ADDS)
        throw invalid('the graph computes too much from constants');
    },
  };
  for (const node of nodes) {
    tf.tidy(() => {
      const values = new Map<string, GraphValue>();
      evaluateNodes([node], values, constants, {
        isImport: true,
        pass: new ForwardPass({}, { normalisation: 'frozen' }),
        batchSize: undefined,
        declaredBatchSize: undefined,
        variableName: () => undefined,
        effort,
      });
      for (const name of node.outputs) {
        const value = values.get(name);
        if (value === undefined) continue;
        elements += value.stored.size;
        if (elements > MAXIMUM_CONSTANT_ELEMENTS) throw invalid('the graph computes too much from constants');
        constants.set(name, constantOf(value));
      }
    });
  }
}

function constantOf(value: GraphValue): EvaluableTensor {
  const tensor = value.inOnnxOrder();
  const { dtype, shape } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw invalid(`constants of ${dtype} have no use`);
  return { dims: shape, elementType: dtype, elements: tensor.dataSync().slice() };
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', message);
}
