import type { Graph, GraphNode, OnnxModel } from '../../onnx/graph.js';
import { floatsOf, type Tensor } from '../../onnx/tensor.js';

/** How the nodes of a graph are computed with bytes. */
export interface GraphPlan {
  readonly model: OnnxModel;
  /** Activations that saturation does: the node before them gives their output. */
  readonly fused: ReadonlyMap<GraphNode, GraphNode>;
}

/** Tensors of a graph, by the names of their values. */
type Constants = Graph['constants'];

export function planOf(model: OnnxModel): GraphPlan {
  const { nodes, constants, outputs } = model.graph;
  const graphOutputs = new Set(outputs.map(({ name }) => name));
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  const fused = new Map<GraphNode, GraphNode>();
  for (const node of nodes) {
    const [output = ''] = node.outputs;
    const [activation, ...others] = consumers.get(output) ?? [];
    const isOnlyUse = activation !== undefined && others.length === 0 && !graphOutputs.has(output);
    if (isOnlyUse && isSumming(node, constants) && cutsAtZero(activation, constants))
      fused.set(node, activation);
  }
  return { model, fused };
}

/** Names of the values that are bytes and whose range must be known, in the graph's order. */
export function valuesToObserve({ model, fused }: GraphPlan): readonly string[] {
  const { nodes, constants } = model.graph;
  const names = nodes
    .filter((node) => isSumming(node, constants))
    .flatMap((node) => [...summed(node), outputOf(fused.get(node) ?? node)]);
  return [...new Set(names)];
}

/** Convolutions with filters of their own, and sums of two values. */
function isSumming(node: GraphNode, constants: Constants): boolean {
  return isConvolution(node, constants) || isSum(node, constants);
}

export function isConvolution({ operator, domain, inputs }: GraphNode, constants: Constants): boolean {
  const [, filters = '', biases = ''] = inputs;
  return (
    operator === 'Conv' && domain === '' && constants.has(filters) && (biases === '' || constants.has(biases))
  );
}

export function isSum({ operator, domain, inputs }: GraphNode, constants: Constants): boolean {
  return operator === 'Add' && domain === '' && inputs.every((input) => !constants.has(input));
}

/** The values that a node sums. */
function summed({ operator, inputs }: GraphNode): readonly string[] {
  return operator === 'Add' ? inputs : inputs.slice(0, 1);
}

export function outputOf({ outputs }: GraphNode): string {
  return outputs[0] ?? '';
}

/** Relu, and Clip from 0: bytes whose zero point is 0 cannot be less, and not more than the range that was measured. */
function cutsAtZero({ operator, domain, inputs }: GraphNode, constants: Constants): boolean {
  if (domain !== '') return false;
  if (operator === 'Relu') return true;
  const [, minimum = ''] = inputs;
  return operator === 'Clip' && isZero(constants.get(minimum));
}

/** Whether a single number is 0. */
export function isZero(tensor: Tensor | undefined): boolean {
  return tensor !== undefined && floatsOf(tensor)[0] === 0;
}
