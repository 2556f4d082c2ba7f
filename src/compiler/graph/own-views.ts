import type { Graph, GraphNode } from '../../onnx/graph.js';

/** An operator that gives the same elements other extents: it takes no time. */
const VIEW = 'Reshape';

/**
 * The same graph in which each node that reads a view has one of its own. What is viewed is kept where both it and its view are read later;
 * ONNX Runtime makes one of equal ones.
 */
export function withOwnViews(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const views = new Map<string, GraphNode>();
  const nodes: GraphNode[] = [];
  let count = 0;
  const ownView = (name: string): string => {
    const view = views.get(name);
    if (view === undefined) return name;
    const [viewed = '', ...others] = view.inputs;
    const own = `${name}:own-${count++}`;
    nodes.push({ ...view, inputs: [ownView(viewed), ...others], outputs: [own] });
    return own;
  };
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    if (node.operator === VIEW && !outputs.has(output)) views.set(output, node);
    else nodes.push({ ...node, inputs: node.inputs.map(ownView) });
  }
  return { ...graph, nodes };
}
