import type { Attributes, Dimension, Graph, GraphNode, ValueInfo } from '../../src/onnx/graph.js';
import { writeOnnx } from '../../src/onnx/write-onnx.js';

/** An ONNX file with this graph, without weights of any real model. */
export function onnxFile(graph: Omit<Graph, 'name'>, operatorSet = 17): Uint8Array {
  return writeOnnx({
    irVersion: 8,
    operatorSets: new Map([['', operatorSet]]),
    graph: { name: 'graph', ...graph },
  });
}

export function nodeOf(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  name = '',
): GraphNode {
  return { name, operator, domain: '', inputs, outputs, attributes };
}

/** An input or output of floats. */
export function floatsNamed(name: string, dims?: readonly Dimension[]): ValueInfo {
  return { name, elementType: 'float32', ...(dims === undefined ? {} : { dims }) };
}

/** {@link tinyBackbone} whose matrix lies in the file `/etc/passwd`: external data, which nothing here writes. */
export const backboneWithExternalWeights: Uint8Array = Buffer.from(
  'CAg62gEKIwoFY3JvcHMSBW1lYW5zGgAiEUdsb2JhbEF2ZXJhZ2VQb29sChgKBW1lYW5zEgRmbGF0GgAiB0ZsYXR0ZW4KJQoEZmxhdAoHd2Vp' +
    'Z2h0cxIKZW1iZWRkaW5ncxoAIgZNYXRNdWwSBWdyYXBoKioIAwgEEAFCB3dlaWdodHNqFwoIbG9jYXRpb24SCy9ldGMvcGFzc3dkcAFaIAoF' +
    'Y3JvcHMSFwoVCAESEQoDEgFuCgIIAwoCCHAKAghwYh0KCmVtYmVkZGluZ3MSDwoNCAESCQoDEgFuCgIIBEICEBE=',
  'base64',
);
