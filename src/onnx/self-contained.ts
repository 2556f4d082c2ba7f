import protobuf from 'protobufjs/minimal.js';

import { Failure } from '../core/failure.js';
import { EXTERNAL_LOCATION } from './onnx-messages.js';
import { LENGTH_DELIMITED, requireSize, VARINT } from './protobuf-values.js';

/** Fields of onnx.proto's messages that lead to tensors, by number: what readers here look at, and all else that a runtime does. */
const PATHS_TO_TENSORS = {
  model: { 7: 'graph', 20: 'trainingInfo', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparseTensor', 23: 'sparseTensor' },
  function: { 7: 'node', 11: 'attribute' },
  trainingInfo: { 1: 'graph', 2: 'graph' },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
} as const satisfies Record<string, Record<number, string>>;

type MessageName = keyof typeof PATHS_TO_TENSORS;

const EXTERNAL_DATA_FIELD = 13;
const DATA_LOCATION_FIELD = 14;
/** Real graphs nest a handful of levels (a loop inside a branch); each is three messages. */
const MAXIMUM_NESTING = 100;

/**
 * Refuses an ONNX model that keeps tensors in other files, wherever it has them: the runtime would open whatever path it
 * names.
 * @param bytes an untrusted ONNX file
 * @throws Failure MODEL_INVALID; also where the bytes are no protobuf message
 */
export function requireSelfContained(bytes: Uint8Array): void {
  requireSize(bytes.length);
  let hasExternalData: boolean;
  try {
    hasExternalData = refersToExternalData(bytes, 'model', 0);
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

function refersToExternalData(bytes: Uint8Array, name: MessageName, depth: number): boolean {
  if (depth > MAXIMUM_NESTING) throw new RangeError('messages are nested too deeply');
  const members: Readonly<Record<number, MessageName>> = PATHS_TO_TENSORS[name];
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (name === 'tensor') {
      if (field === EXTERNAL_DATA_FIELD) return true;
      if (field === DATA_LOCATION_FIELD && wireType === VARINT) {
        if (reader.int32() === EXTERNAL_LOCATION) return true;
        continue;
      }
    }
    const member = members[field];
    if (member !== undefined && wireType === LENGTH_DELIMITED) {
      if (refersToExternalData(reader.bytes(), member, depth + 1)) return true;
    } else {
      reader.skipType(wireType);
    }
  }
  return false;
}
