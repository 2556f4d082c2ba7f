import protobuf from 'protobufjs';

import { ONNX_SCHEMA } from '../../src/onnx/writing/onnx-schema.js';

interface Model {
  readonly graph: { readonly node: readonly { readonly opType: string }[] };
}

/** The number of nodes of a serialised ONNX model, all of them or those of one operator. */
export function countNodes(model: Uint8Array, opType?: string): number {
  const type = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType('onnx.ModelProto');
  const { graph } = type.decode(model) as unknown as Model;
  return graph.node.filter((node) => opType === undefined || node.opType === opType).length;
}
