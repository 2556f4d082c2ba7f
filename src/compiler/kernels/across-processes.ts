import { CompileError } from '../errors.js';
import { EXCHANGE } from '../graph/exchange.js';
import { arrangeRowMajor, rowMajorValue, type TracedValue } from '../graph/traced-value.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { Inputs, KernelRules } from './kernel-rule.js';

/**
 * Not a kernel of tfjs, but one that an application may register under this name: a vector of each of several processes,
 * [K] -> [N, K]. The node that stands for it is where `compileInStages` cuts the graph.
 */
function acrossProcesses(graph: GraphBuilder, { x }: Inputs<'x'>): TracedValue {
  const { processCount } = graph.target;
  if (processCount === undefined)
    throw new CompileError(
      'AcrossProcesses: a graph that processes exchange values in is compiled in stages',
    );
  const [length = 0] = x.shape;
  if (x.shape.length !== 1 || x.elementType !== 'float32')
    throw new CompileError('AcrossProcesses: processes exchange vectors of floats');
  const { operator, domain } = EXCHANGE;
  const name = graph.node(operator, [arrangeRowMajor(graph, x)], {}, domain);
  return rowMajorValue(name, [processCount, length], 'float32');
}

export const ACROSS_PROCESSES_RULES: KernelRules = {
  AcrossProcesses: (inputs: Inputs<'x'>, _, graph) => acrossProcesses(graph, inputs),
};
