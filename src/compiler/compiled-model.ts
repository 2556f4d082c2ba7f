import type { Graph } from '../onnx/graph.js';
import { withoutDenormals } from '../onnx/without-denormals.js';
import { writeOnnx } from '../onnx/write-onnx.js';

const IR_VERSION = 8;
const STANDARD_OPERATOR_SET = 17;
/** Versions of ONNX Runtime's own operators; they have only one. */
const CUSTOM_OPERATOR_SET = 1;

/** A finished graph as an ONNX file; nodes are called by their operator and place. */
export function compiledModel(graph: Graph, name: string): Uint8Array {
  const domains = new Set(graph.nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
  const nodes = graph.nodes.map((node, place) => ({ ...node, name: `${node.operator}_${place}` }));
  return writeOnnx({
    irVersion: IR_VERSION,
    producerName: 'symface-compiler',
    operatorSets: new Map([
      ['', STANDARD_OPERATOR_SET],
      ...Array.from(domains, (domain) => [domain, CUSTOM_OPERATOR_SET] as const),
    ]),
    graph: { ...withoutDenormals(graph), name, nodes },
  });
}
