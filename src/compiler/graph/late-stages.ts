import type { Graph, GraphNode } from '../../onnx/graph.js';
import { exchangeOf, isExchange } from './exchange.js';

/** Operators whose output has as many elements as the largest input at least, and which take next to no time. */
const LIGHT: ReadonlySet<string> = new Set(
  'Abs Add And Cast Clip Div Equal Greater Identity Less Max Min Mul Neg Not Or Reciprocal Relu Reshape Sign Sqrt Sub Transpose Where'.split(
    ' ',
  ),
);

/**
 * The stage that each node is computed in. What a later stage needs must be kept until then: so a node is put off to the first stage that
 * reads it where its inputs are there anyway, and a light one also where one input has to be kept in the place of its output.
 * The gradient of an activation, for one, is then made on the way back from what is kept for others, and not kept beside it.
 *
 * @param earliest the first stage in which each value is there
 */
export function lateStages(
  graph: Graph,
  earliest: ReadonlyMap<string, number>,
): ReadonlyMap<GraphNode, number> {
  const stages = new Map(graph.nodes.map((node) => [node, earliestOf(node, earliest)]));
  const readers = readersOf(graph);
  const ends = new Map(graph.outputs.map(({ name }) => [name, earliest.get(name) ?? 0]));
  const readIn = (name: string, stageOf: ReadonlyMap<GraphNode, number>): readonly number[] => {
    const end = ends.get(name);
    const read = (readers.get(name) ?? []).map((node) => stageOf.get(node) ?? 0);
    return end === undefined ? read : [...read, end];
  };
  const firstReader = ({ outputs }: GraphNode, stageOf: ReadonlyMap<GraphNode, number>): number =>
    Math.min(...outputs.flatMap((name) => readIn(name, stageOf)));
  const puttable = graph.nodes.filter((node) => !isExchange(node)).toReversed();

  // As late as could be where all that is needed is inputs of the graph, which are there in every stage.
  const latest = new Map(stages);
  const ofInputs = valuesOfInputs(graph);
  for (const node of puttable)
    if (node.outputs.every((name) => ofInputs.has(name))) latest.set(node, firstReader(node, latest));
  const mustBeKept = (name: string, reader: GraphNode, until: number): boolean => {
    if (!earliest.has(name) || Math.max(...readIn(name, stages)) >= until) return false;
    const others = (readers.get(name) ?? []).filter((other) => other !== reader);
    // Else it follows.
    return !ofInputs.has(name) || ends.has(name) || others.some((other) => (latest.get(other) ?? 0) < until);
  };

  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const node of puttable) {
      const late = firstReader(node, stages);
      if (late <= (stages.get(node) ?? 0)) continue;
      const kept = new Set(node.inputs.filter((name) => mustBeKept(name, node, late)));
      if (kept.size > (LIGHT.has(node.operator) ? 1 : 0)) continue;
      stages.set(node, late);
      hasMoved = true;
    }
  }
  return stages;
}

/** Of an exchange, that in whose end its value is sent. */
function earliestOf(node: GraphNode, earliest: ReadonlyMap<string, number>): number {
  if (isExchange(node)) return (earliest.get(exchangeOf(node).received) ?? 1) - 1;
  return earliest.get(node.outputs[0] ?? '') ?? 0;
}

function readersOf({ nodes }: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  return readers;
}

/** What is computed from inputs of the graph and constants alone. */
function valuesOfInputs({ nodes }: Graph): ReadonlySet<string> {
  const others = new Set<string>();
  const values = new Set<string>();
  for (const node of nodes) {
    const into = isExchange(node) || node.inputs.some((name) => others.has(name)) ? others : values;
    for (const name of node.outputs) into.add(name);
  }
  return values;
}
