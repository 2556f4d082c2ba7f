import { endianness } from 'node:os';

import { Failure } from '../../domain/failure.js';
import type { WeightArray, Weights } from '../../domain/model/weights.js';
import { floatOfHalf } from './half-precision.js';
import { parseSafetensorsHeader, type StoredArray } from './safetensors-header.js';

/** Bytes of the header's length at the start of a file. */
const LENGTH_BYTES = 8;

/**
 * Reads a safetensors file (github.com/huggingface/safetensors): the header's length as a 64-bit little-endian number,
 * the header as JSON, the arrays. Half-precision arrays are widened.
 *
 * @throws Failure MODEL_INVALID for whatever is not such a file, or holds other element types
 */
export function readSafetensors(file: Uint8Array): Weights {
  requireLittleEndian();
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const { arrays, dataStart } = parseSafetensorsHeader(bytes);
  const weights = new Map<string, WeightArray>();
  for (const { name, shape, ...stored } of arrays) {
    weights.set(name, { shape, values: elementsOf(bytes.subarray(dataStart), stored) });
  }
  return weights;
}

/** Arrays in order of their names, so that equal weights are equal files; 32-bit floats. */
export function writeSafetensors(
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireLittleEndian();
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  const arrays = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  for (const [name, { shape, values }] of arrays) {
    const start = end;
    end += values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  // The data begins at a multiple of 8; spaces after the JSON are part of the header.
  const headerBytes = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const file = Buffer.alloc(LENGTH_BYTES + headerBytes + end, ' ');
  file.writeBigUInt64LE(BigInt(headerBytes));
  text.copy(file, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const [, { values }] of arrays) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return file;
}

function elementsOf(
  data: Buffer,
  { elementType, start, end }: Omit<StoredArray, 'name' | 'shape'>,
): Float32Array {
  // A copy, so that it is aligned and does not keep the file.
  const bytes = new Uint8Array(data.subarray(start, end));
  if (elementType === 'F32') return new Float32Array(bytes.buffer);
  return Float32Array.from(new Uint16Array(bytes.buffer), floatOfHalf);
}

function requireLittleEndian(): void {
  // The format is little-endian and typed arrays are in the machine's order.
  if (endianness() === 'LE') return;
  throw new Failure('MODEL_INVALID', 'safetensors files can only be used on little-endian machines');
}
