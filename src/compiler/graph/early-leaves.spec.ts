import { expect, it } from 'vitest';

import { withEarlyLeavesLast } from './early-leaves.js';
import type { Graph, GraphNode } from '../../onnx/graph.js';

function node(output: string, ...inputs: string[]): GraphNode {
  return { name: '', operator: 'Add', domain: '', inputs, outputs: [output], attributes: {} };
}

function orderOf(nodes: readonly GraphNode[]): string {
  const graph: Graph = { name: '', inputs: [], outputs: [], nodes, constants: new Map() };
  return withEarlyLeavesLast(graph)
    .nodes.map(({ outputs }) => outputs[0])
    .join(' ');
}

it('nodes that nobody reads come last, those that can be run first at the very end', () => {
  // A chain a, b, c; leaves of each, written down in any order, and one of the input alone.
  const chain = [node('a', 'x'), node('b', 'a'), node('c', 'b')];
  const leaves = [node('of-b', 'b', 'x'), node('of-c', 'c'), node('of-x', 'x'), node('of-a', 'a')];
  expect(orderOf([...chain, ...leaves])).toBe('a b c of-c of-b of-a of-x');
});

it('what is read stays in its order, and a graph with one end as it is', () => {
  expect(orderOf([node('a', 'x'), node('b', 'x'), node('c', 'b', 'a')])).toBe('a b c');
});
