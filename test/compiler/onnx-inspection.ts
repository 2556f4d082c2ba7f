import { readOnnx } from '../../src/onnx/read-onnx.js';

/** The number of nodes of a serialised ONNX model, all of them or those of one operator. */
export function countNodes(model: Uint8Array, operator?: string): number {
  const { nodes } = readOnnx(model).graph;
  return nodes.filter((node) => operator === undefined || node.operator === operator).length;
}
