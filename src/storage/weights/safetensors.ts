import { endianness } from 'node:os';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import { floatOfHalf, halfOfFloat } from '../../core/models/half-precision.js';
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

/**
 * Arrays in order of their names, so that equal weights are equal files.
 * @param elementType F16 rounds to half precision
 */
export function writeSafetensors(
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
  elementType: StoredArray['elementType'] = 'F32',
): Uint8Array {
  requireLittleEndian();
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  const arrays = [...weights]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { shape, values }]) => ({ name, shape, bytes: bytesOf(values, elementType) }));
  let end = 0;
  for (const { name, shape, bytes } of arrays) {
    const start = end;
    end += bytes.length;
    header[name] = { dtype: elementType, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  // The data begins at a multiple of 8; spaces after the JSON are part of the header.
  const headerBytes = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const file = Buffer.alloc(LENGTH_BYTES + headerBytes + end, ' ');
  file.writeBigUInt64LE(BigInt(headerBytes));
  text.copy(file, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const { bytes } of arrays) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

function bytesOf(values: Float32Array, elementType: StoredArray['elementType']): Uint8Array {
  const stored = elementType === 'F32' ? values : Uint16Array.from(values, halfOfFloat);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
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
