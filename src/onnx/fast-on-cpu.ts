import { Failure } from '../core/failure.js';
import { withFastParametricRelu } from './fast-parametric-relu.js';
import type { AttributeValue, Graph, GraphNode } from './graph.js';
import { graphAttribute, readOnnx } from './read-onnx.js';
import { withoutDenormals } from './without-denormals.js';
import { writeOnnx } from './write-onnx.js';

/** Min and the sums of the rewritten activations broadcast from this operator set on. */
const FIRST_OPERATOR_SET = 8;

/**
 * The same network as ONNX Runtime computes it fastest on a CPU: without denormal weights, and with sums in the place of PReLU.
 * @param file an ONNX file; one that cannot be read here is for the runtime to judge
 * @param isBlocked whether the runtime has its blocked layout. Default: what this machine has
 * @returns the file itself where there is nothing to change
 */
export function fastOnCpu(file: Uint8Array, isBlocked = process.arch === 'x64'): Uint8Array {
  try {
    const model = readOnnx(file);
    if ((model.operatorSets.get('') ?? 0) < FIRST_OPERATOR_SET) return file;
    const graph = fastGraph(model.graph, isBlocked);
    return graph === model.graph ? file : writeOnnx({ ...model, graph });
  } catch (error) {
    if (error instanceof Failure) return file;
    throw error;
  }
}

/** The graph, and those that its nodes run, such as the branches of `If`. */
function fastGraph(graph: Graph, isBlocked: boolean): Graph {
  const nodes = graph.nodes.map((node) => withFastGraphs(node, isBlocked));
  const isChanged = nodes.some((node, place) => node !== graph.nodes[place]);
  return withFastParametricRelu(withoutDenormals(isChanged ? { ...graph, nodes } : graph), isBlocked);
}

function withFastGraphs(node: GraphNode, isBlocked: boolean): GraphNode {
  const attributes = Object.entries(node.attributes).map(([name, value]): [string, AttributeValue] => {
    const inner = graphAttribute(value);
    const fast = inner && fastGraph(inner, isBlocked);
    return [name, fast === undefined || fast === inner ? value : { graph: fast }];
  });
  const isChanged = attributes.some(([name, value]) => node.attributes[name] !== value);
  return isChanged ? { ...node, attributes: Object.fromEntries(attributes) } : node;
}
