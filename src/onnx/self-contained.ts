import protobuf from 'protobufjs/minimal.js';

import { Failure } from '../core/failure.js';

/** Members of an ONNX message that lead to tensors, by field number (onnx.proto3); `tensor` is a leaf. */
interface MessageShape {
  readonly members: Readonly<Record<number, MessageShape>>;
  readonly isTensor?: true;
}

const tensor: MessageShape = { members: {}, isTensor: true };
const sparseTensor: MessageShape = { members: { 1: tensor, 2: tensor } };
// An attribute may hold a graph, whose nodes hold attributes: the cycle is closed below.
const attributeMembers: Record<number, MessageShape> = {
  5: tensor,
  10: tensor,
  22: sparseTensor,
  23: sparseTensor,
};
const node: MessageShape = { members: { 5: { members: attributeMembers } } };
const graph: MessageShape = { members: { 1: node, 5: tensor, 15: sparseTensor } };
attributeMembers[6] = graph;
attributeMembers[11] = graph;
const functionBody: MessageShape = { members: { 7: node, 11: { members: attributeMembers } } };
const trainingInfo: MessageShape = { members: { 1: graph, 2: graph } };
const model: MessageShape = { members: { 7: graph, 20: trainingInfo, 25: functionBody } };

const EXTERNAL_DATA_FIELD = 13;
const DATA_LOCATION_FIELD = 14;
const DATA_LOCATION_EXTERNAL = 1;
const LENGTH_DELIMITED = 2;
const VARINT = 0;
/** Real graphs nest a handful of levels (a loop inside a branch); each is three messages. */
const MAXIMUM_NESTING = 100;

/**
 * Refuses an ONNX model that keeps tensors in other files: the runtime would open whatever path it names.
 * @param bytes an untrusted ONNX file
 * @throws Failure MODEL_INVALID; also where the bytes are no protobuf message
 */
export function requireSelfContained(bytes: Uint8Array): void {
  let hasExternalData: boolean;
  try {
    hasExternalData = refersToExternalData(bytes, model, 0);
  } catch (cause) {
    throw new Failure('MODEL_INVALID', 'the graph is not an ONNX file, or is cut off', {}, [], { cause });
  }
  if (hasExternalData) {
    throw new Failure(
      'MODEL_INVALID',
      'the graph keeps weights in other files (ONNX external data); save it as a single file',
    );
  }
}

function refersToExternalData(bytes: Uint8Array, shape: MessageShape, depth: number): boolean {
  if (depth > MAXIMUM_NESTING) throw new RangeError('messages are nested too deeply');
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (shape.isTensor === true) {
      if (field === EXTERNAL_DATA_FIELD) return true;
      if (field === DATA_LOCATION_FIELD && wireType === VARINT) {
        if (reader.int32() === DATA_LOCATION_EXTERNAL) return true;
        continue;
      }
    }
    const member = shape.members[field];
    if (member !== undefined && wireType === LENGTH_DELIMITED) {
      if (refersToExternalData(reader.bytes(), member, depth + 1)) return true;
    } else {
      reader.skipType(wireType);
    }
  }
  return false;
}
