import type { Graph, GraphNode } from '../../onnx/graph.js';

/**
 * The same graph with the nodes that no other one reads at its end, those that can be run early last.
 *
 * ONNX Runtime does not run nodes in the order of the file: it walks back from such leaves, from the last one first
 * (`Graph::ReverseDFSFrom`), and runs what each needs before it goes to the next. In the gradients of a network the leaves
 * are those of its layers, and those of the last layer can be run first: were they run last, all that they need would be
 * kept in memory until then.
 */
export function withEarlyLeavesLast(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const places = new Map(graph.nodes.flatMap(({ outputs }, place) => outputs.map((name) => [name, place])));
  const isLeaf = ({ outputs }: GraphNode): boolean => outputs.every((name) => !read.has(name));
  /** The position of the node after which this one can be run. */
  const readyAt = ({ inputs }: GraphNode): number =>
    Math.max(-1, ...inputs.map((name) => places.get(name) ?? -1));
  const leaves = graph.nodes.filter(isLeaf).toSorted((left, right) => readyAt(right) - readyAt(left));
  return { ...graph, nodes: [...graph.nodes.filter((node) => !isLeaf(node)), ...leaves] };
}
