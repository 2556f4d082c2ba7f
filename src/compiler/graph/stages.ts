import type { Graph, GraphNode } from '../../onnx/graph.js';
import { type Exchange, exchangeOf, isExchange } from './exchange.js';
import { lateStages } from './late-stages.js';
import { withOwnViews } from './own-views.js';

/** A part of a graph that needs no other process while it runs. */
export interface GraphStage {
  readonly nodes: readonly GraphNode[];
  /** Values that it takes: inputs of the whole graph, and what came out of earlier stages and of exchanges. */
  readonly inputs: readonly string[];
  /** Values that somebody needs after it: of later stages, of exchanges and of the whole graph. */
  readonly outputs: readonly string[];
  /** What is exchanged after it, all at once. */
  readonly exchanges: readonly Exchange[];
  /** Values that no later stage needs, and which are no output of the whole graph. */
  readonly released: readonly string[];
}

/**
 * The stages of a graph that is cut at its exchanges, which are done as early as can be, together with all others that can be done at the
 * same time. So are outputs; what else is computed, where least has to be kept for it.
 */
export function stagesOf(whole: Graph): readonly GraphStage[] {
  const graph = withOwnViews(whole);
  const exchanges = graph.nodes.filter(isExchange);
  const stageOfValue = earliestStages(graph.nodes);
  const stageOf = lateStages(graph, stageOfValue);
  const count =
    1 + Math.max(0, ...exchanges.map(({ outputs: [received = ''] }) => stageOfValue.get(received) ?? 0));
  const computed = Array.from({ length: count }, (): GraphNode[] => []);
  for (const node of graph.nodes) if (!isExchange(node)) computed[stageOf.get(node) ?? 0]?.push(node);
  const exchanged = Array.from({ length: count }, (): Exchange[] => []);
  for (const node of exchanges) {
    const { sent, received } = exchangeOf(node);
    exchanged[(stageOfValue.get(received) ?? 1) - 1]?.push({ sent, received });
  }
  return withPorts(graph, computed, exchanged);
}

/** The first stage after which a value is there, and that in which an exchanged one is first there. */
function earliestStages(nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const stages = new Map<string, number>();
  for (const node of nodes) {
    const stage = Math.max(0, ...node.inputs.map((name) => stages.get(name) ?? 0));
    for (const name of node.outputs) stages.set(name, stage + (isExchange(node) ? 1 : 0));
  }
  return stages;
}

function withPorts(
  { inputs, outputs, constants }: Graph,
  computed: readonly (readonly GraphNode[])[],
  exchanged: readonly (readonly Exchange[])[],
): readonly GraphStage[] {
  const given = new Set(inputs.map(({ name }) => name));
  const results = new Set(outputs.map(({ name }) => name));
  const isValue = (name: string): boolean => name !== '' && !constants.has(name);
  const readAfter = new Set<string>();
  const stages: GraphStage[] = [];
  for (const [stage, nodes] of [...computed.entries()].toReversed()) {
    const exchanges = exchanged[stage] ?? [];
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const sent = new Set(exchanges.map((exchange) => exchange.sent));
    const read = new Set(
      nodes.flatMap((node) => node.inputs).filter((name) => isValue(name) && !made.has(name)),
    );
    stages.push({
      nodes,
      inputs: [...read],
      outputs: [...made].filter((name) => readAfter.has(name) || results.has(name) || sent.has(name)),
      exchanges,
      released: [...read, ...sent].filter(
        (name) => !given.has(name) && !readAfter.has(name) && !results.has(name),
      ),
    });
    for (const name of [...read, ...sent]) readAfter.add(name);
  }
  return stages.toReversed();
}
