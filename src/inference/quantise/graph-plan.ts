import type { GraphTensors } from './graph-tensors.js';
import type { FileNode, OnnxFile } from '../../onnx/quantisation/onnx-file.js';

/** How the nodes of a graph are computed with bytes. */
export interface GraphPlan {
  readonly file: OnnxFile;
  readonly tensors: GraphTensors;
  /** Activations that saturation does: the node before them gives their output. */
  readonly fused: ReadonlyMap<FileNode, FileNode>;
}

export function planOf(file: OnnxFile, tensors: GraphTensors, graphOutputs: ReadonlySet<string>): GraphPlan {
  const consumers = new Map<string, FileNode[]>();
  for (const node of file.nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  const fused = new Map<FileNode, FileNode>();
  for (const node of file.nodes) {
    const [output = ''] = node.outputs;
    const [activation, ...others] = consumers.get(output) ?? [];
    const isOnlyUse = activation !== undefined && others.length === 0 && !graphOutputs.has(output);
    if (isOnlyUse && isSumming(node, tensors) && cutsAtZero(activation, tensors)) fused.set(node, activation);
  }
  return { file, tensors, fused };
}

/** Names of the values that are bytes and whose range must be known, in the graph's order. */
export function valuesToCalibrate({ file, tensors, fused }: GraphPlan): readonly string[] {
  const names = file.nodes
    .filter((node) => isSumming(node, tensors))
    .flatMap((node) => [...summed(node), outputOf(fused.get(node) ?? node)]);
  return [...new Set(names)];
}

/** Convolutions with filters of their own, and sums of two values. */
function isSumming(node: FileNode, tensors: GraphTensors): boolean {
  return isConvolution(node, tensors) || isSum(node, tensors);
}

export function isConvolution({ operator, domain, inputs }: FileNode, tensors: GraphTensors): boolean {
  const [, filters = '', biases = ''] = inputs;
  return (
    operator === 'Conv' && domain === '' && tensors.has(filters) && (biases === '' || tensors.has(biases))
  );
}

export function isSum({ operator, domain, inputs }: FileNode, tensors: GraphTensors): boolean {
  return operator === 'Add' && domain === '' && inputs.every((input) => !tensors.has(input));
}

/** The values that a node sums. */
function summed({ operator, inputs }: FileNode): readonly string[] {
  return operator === 'Add' ? inputs : inputs.slice(0, 1);
}

export function outputOf({ outputs }: FileNode): string {
  return outputs[0] ?? '';
}

/** Relu, and Clip from 0: bytes whose zero point is 0 cannot be less, and not more than the range that was measured. */
function cutsAtZero({ operator, domain, inputs }: FileNode, tensors: GraphTensors): boolean {
  if (domain !== '') return false;
  if (operator === 'Relu') return true;
  const [, minimum = ''] = inputs;
  return operator === 'Clip' && tensors.has(minimum) && tensors.floats(minimum)[0] === 0;
}
