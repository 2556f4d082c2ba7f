import { createHash } from 'node:crypto';

import type { Graph, GraphNode } from '../../onnx/graph.js';
import { bytesOf, type Tensor } from '../../onnx/tensor.js';

/**
 * The same graph with equal constants and equal computations merged, copies (`Identity`) resolved and
 * whatever no output needs removed.
 */
export function simplify(graph: Graph): Graph {
  return removeUnused(resolveOutputCopies(mergeEqual(graph)));
}

function mergeEqual(graph: Graph): Graph {
  const representatives = new Map<string, string>();
  const resolve = (name: string): string => representatives.get(name) ?? name;
  const outputNames = new Set(graph.outputs.map(({ name }) => name));

  const constants = new Map<string, Tensor>();
  const constantNames = new Map<string, string>();
  for (const [name, constant] of graph.constants) {
    const key = constantKey(constant);
    const known = constantNames.get(key);
    if (known !== undefined) {
      representatives.set(name, known);
      continue;
    }
    constantNames.set(key, name);
    constants.set(name, constant);
  }

  const nodes: GraphNode[] = [];
  const seen = new Map<string, GraphNode>();
  for (const original of graph.nodes) {
    const node: GraphNode = { ...original, inputs: original.inputs.map(resolve) };
    const isOutput = node.outputs.some((name) => outputNames.has(name));
    const key = nodeKey(node);
    const known = seen.get(key);
    if (known !== undefined && !isOutput) {
      node.outputs.forEach((name, index) => representatives.set(name, known.outputs[index] ?? name));
      continue;
    }
    if (!isOutput) seen.set(key, node);
    nodes.push(node);
  }
  return { ...graph, nodes, constants };
}

/** Lets the producer of a copied value write to the graph output itself. */
function resolveOutputCopies(graph: Graph): Graph {
  const outputNames = new Set(graph.outputs.map(({ name }) => name));
  const produced = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const kept = graph.nodes.filter(({ operator, inputs: [source], outputs: [target] }) => {
    if (operator !== 'Identity' || source === undefined || target === undefined) return true;
    // A value that is itself an output, an input, a constant or already renamed needs its copy.
    if (outputNames.has(source) || !produced.has(source) || renamed.has(source)) return true;
    renamed.set(source, target);
    return false;
  });
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = kept.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return { ...graph, nodes };
}

/** The same graph without nodes and constants that no output needs. */
export function removeUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    node.inputs.forEach((name) => needed.add(name));
    nodes.push(node);
  }
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), constants };
}

function constantKey(constant: Tensor): string {
  const digest = createHash('sha256').update(bytesOf(constant)).digest('base64');
  return `${constant.elementType}[${constant.dims.join()}]${digest}`;
}

function nodeKey({ operator, domain, inputs, outputs, attributes }: GraphNode): string {
  return JSON.stringify([operator, domain, inputs, outputs.length, attributes]);
}
