import type { Graph, ValueInfo } from '../onnx/graph.js';
import { compiledModel } from './compiled-model.js';
import { compileToGraph, type TracedFunction } from './compile.js';
import { withEarlyLeavesLast } from './graph/early-leaves.js';
import { type GraphStage, stagesOf } from './graph/stages.js';
import type { CompilationTarget } from './target.js';

/** A part of a function that several processes compute together: what runs until the next exchange between them. */
export interface CompiledStage extends Pick<GraphStage, 'inputs' | 'outputs' | 'exchanges' | 'released'> {
  /**
   * The serialised ONNX model of the stage.
   * @param known what the inputs are that come from earlier stages and from exchanges
   */
  readonly model: (known: (name: string) => ValueInfo | undefined) => Uint8Array;
}

/**
 * Compiles a function in which processes exchange vectors (the kernel `AcrossProcesses`) to ONNX graphs that are run one after the
 * other, with the exchange of the values of all processes between them. A function without an exchange is one stage.
 *
 * @param target with the number of processes
 * @throws as compileToOnnx does
 */
export function compileInStages(traced: TracedFunction, target: CompilationTarget): readonly CompiledStage[] {
  const graph = compileToGraph(traced, target);
  return stagesOf(graph).map((stage, place) => ({
    inputs: stage.inputs,
    outputs: stage.outputs,
    exchanges: stage.exchanges,
    released: stage.released,
    model: (known) => compiledModel(graphOf(graph, stage, known), `${traced.name}-${place}`),
  }));
}

function graphOf(
  whole: Graph,
  { nodes, inputs, outputs }: GraphStage,
  known: (name: string) => ValueInfo | undefined,
): Graph {
  const infos = new Map([...whole.inputs, ...whole.outputs].map((info) => [info.name, info]));
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return withEarlyLeavesLast({
    name: whole.name,
    nodes,
    constants: new Map([...whole.constants].filter(([name]) => read.has(name))),
    inputs: inputs.map((name) => known(name) ?? infos.get(name) ?? { name }),
    // ONNX Runtime finds out by itself what the others are.
    outputs: outputs.map((name) => infos.get(name) ?? { name }),
  });
}
