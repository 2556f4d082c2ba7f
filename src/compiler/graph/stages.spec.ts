import { expect, it } from 'vitest';

import type { Graph, GraphNode } from '../../onnx/graph.js';
import { EXCHANGE } from './exchange.js';
import { stagesOf } from './stages.js';

function node(operator: string, output: string, ...inputs: string[]): GraphNode {
  return { name: '', operator, domain: '', inputs, outputs: [output], attributes: {} };
}

function exchange(received: string, sent: string): GraphNode {
  return { ...node(EXCHANGE.operator, received, sent), domain: EXCHANGE.domain };
}

function stagesWith(nodes: readonly GraphNode[], outputs: readonly string[]) {
  const graph: Graph = {
    name: '',
    nodes,
    constants: new Map(),
    inputs: [{ name: 'x' }],
    outputs: outputs.map((name) => ({ name })),
  };
  return stagesOf(graph).map((stage) => ({
    computed: stage.nodes.map(({ outputs: [name] }) => name).join(' '),
    inputs: stage.inputs.join(' '),
    outputs: stage.outputs.join(' '),
    sent: stage.exchanges.map(({ sent, received }) => `${sent}>${received}`).join(' '),
    released: stage.released.join(' '),
  }));
}

it('a graph is cut at its exchanges, those that can be at once are, and what no later stage needs is let go', () => {
  const stages = stagesWith(
    [
      node('Conv', 'map', 'x'),
      node('ReduceSum', 'a', 'map'),
      exchange('all-a', 'a'),
      node('ReduceSum', 'b', 'x'),
      exchange('all-b', 'b'),
      node('Conv', 'next', 'map', 'all-a', 'all-b'),
      node('ReduceSum', 'c', 'next'),
      exchange('all-c', 'c'),
      node('Conv', 'y', 'next', 'all-c', 'x'),
    ],
    ['y'],
  );
  expect(stages).toEqual([
    { computed: 'map a b', inputs: 'x', outputs: 'map a b', sent: 'a>all-a b>all-b', released: 'a b' },
    {
      computed: 'next c',
      inputs: 'map all-a all-b',
      outputs: 'next c',
      sent: 'c>all-c',
      released: 'map all-a all-b c',
    },
    { computed: 'y', inputs: 'next all-c x', outputs: 'y', sent: '', released: 'next all-c' },
  ]);
});

it('what a later stage alone needs is computed there where that keeps nothing more, and outputs at once', () => {
  const [first, second, third] = stagesWith(
    [
      node('Pad', 'padded', 'x'),
      node('Conv', 'patches', 'padded'),
      node('ReduceSum', 'a', 'x'),
      exchange('all', 'a'),
      node('Conv', 'map', 'x', 'all'),
      node('Reshape', 'view', 'map'),
      node('FusedMatMul', 'b', 'view', 'view'),
      node('Min', 'below', 'map'),
      node('Max', 'slope', 'below'),
      node('ReduceSum', 'total', 'map'),
      node('Conv', 'other', 'map'),
      node('ReduceSum', 'small', 'other'),
      node('Abs', 'figure', 'map'),
      exchange('all-b', 'b'),
      node('Conv', 'y', 'all-b', 'view', 'slope', 'total', 'small', 'patches'),
    ],
    ['y', 'figure'],
  );
  expect(first).toMatchObject({ computed: 'a', outputs: 'a' });
  // `other` would have to be kept for `small`, which is smaller; all else is of what is kept for the view.
  expect(second).toMatchObject({ outputs: 'map b small figure', released: 'all b' });
  expect(third!.computed).toMatch(/^padded patches below slope total .*y$/u);
});

it('what is exchanged can itself be an output, and a graph without an exchange is one stage', () => {
  expect(stagesWith([node('Abs', 'a', 'x'), exchange('y', 'a')], ['y'])).toEqual([
    { computed: 'a', inputs: 'x', outputs: 'a', sent: 'a>y', released: 'a' },
    { computed: '', inputs: '', outputs: '', sent: '', released: '' },
  ]);
  expect(stagesWith([node('Abs', 'y', 'x')], ['y'])).toHaveLength(1);
});
