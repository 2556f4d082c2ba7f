import { endianness } from 'node:os';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import { floatOfHalf, halfOfFloat } from '../../core/models/half-precision.js';
import { piecesOf } from '../files/byte-reader.js';
import {
  ELEMENT_BYTES,
  LENGTH_BYTES,
  parseSafetensorsHeader,
  type StoredArray,
} from './safetensors-header.js';

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
  return Buffer.concat([...safetensorsParts(weights, metadata, elementType)]);
}

/**
 * The file of {@link writeSafetensors} in parts, one behind the other: views of the arrays, where they are not rounded, so that a file of any
 * size takes no memory.
 * @param maximumBytes of a part
 */
export function* safetensorsParts(
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
  elementType: StoredArray['elementType'] = 'F32',
  maximumBytes?: number,
): Generator<Uint8Array> {
  requireLittleEndian();
  const arrays = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  yield headerOf(arrays, metadata, elementType);
  for (const [, { values }] of arrays) yield* piecesOf(bytesOf(values, elementType), maximumBytes);
}

/** The header's length and the header. @param arrays in the order of the file */
function headerOf(
  arrays: readonly (readonly [string, WeightArray])[],
  metadata: Readonly<Record<string, string>>,
  elementType: StoredArray['elementType'],
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let end = 0;
  for (const [name, { shape, values }] of arrays) {
    const start = end;
    end += values.length * ELEMENT_BYTES[elementType];
    header[name] = { dtype: elementType, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  // The data begins at a multiple of 8; spaces after the JSON are part of the header.
  const headerBytes = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = Buffer.alloc(LENGTH_BYTES + headerBytes, ' ');
  bytes.writeBigUInt64LE(BigInt(headerBytes));
  text.copy(bytes, LENGTH_BYTES);
  return bytes;
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
  return floatsOf(new Uint8Array(data.subarray(start, end)), elementType);
}

/** @param bytes of their own buffer, which is taken over where they are floats already */
export function floatsOf(
  bytes: Uint8Array<ArrayBuffer>,
  elementType: StoredArray['elementType'],
): Float32Array {
  if (elementType === 'F32') return new Float32Array(bytes.buffer);
  return Float32Array.from(new Uint16Array(bytes.buffer), floatOfHalf);
}

/** @throws Failure MODEL_INVALID */
export function requireLittleEndian(): void {
  // The format is little-endian and typed arrays are in the machine's order.
  if (endianness() === 'LE') return;
  throw new Failure('MODEL_INVALID', 'safetensors files can only be used on little-endian machines');
}
