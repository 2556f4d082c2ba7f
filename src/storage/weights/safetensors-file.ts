import { createHash } from 'node:crypto';

import type { WeightArray, Weights } from '../../core/models/weights.js';
import { OpenedBytes } from '../encryption/opened-bytes.js';
import type { SecretBox } from '../encryption/secret-box.js';
import { type ByteReader, DigestedBytes, FileByteReader } from '../files/byte-reader.js';
import { writeDurably } from '../files/durable-files.js';
import { floatsOf, requireLittleEndian, safetensorsParts } from './safetensors.js';
import { LENGTH_BYTES, parseArrays, safetensorsHeaderBytes } from './safetensors-header.js';

/** What seals a file, and for which place. */
export interface FileSeal {
  readonly box: SecretBox;
  readonly context: string;
}

/** What a file holds, and its digest. */
export interface StoredWeights {
  readonly weights: Weights;
  /** Of the file as it is stored, hex */
  readonly sha256: string;
}

/**
 * Writes a new safetensors file array by array, sealed where that is asked for, and waits until it is on disk. No more memory is taken than
 * the arrays have already, so that it may have more than the 4 GiB of a buffer.
 * @returns its SHA-256, hex
 * @throws the system's error
 */
export async function writeSafetensorsFile(path: string, weights: Weights, seal?: FileSeal): Promise<string> {
  const digest = createHash('sha256');
  const plain = safetensorsParts(weights);
  const parts = seal === undefined ? plain : seal.box.sealed(plain, seal.context);
  const digested = function* (): Generator<Uint8Array> {
    for (const part of parts) {
      digest.update(part);
      yield part;
    }
  };
  await writeDurably(path, digested());
  return digest.digest('hex');
}

/**
 * Reads a safetensors file array by array, as {@link writeSafetensorsFile} wrote it.
 * @throws Failure MODEL_INVALID where it is no such file; DecryptionError where it is not sealed by the box for that place; the system's error
 */
export async function readSafetensorsFile(path: string, seal?: FileSeal): Promise<StoredWeights> {
  const file = await FileByteReader.open(path);
  try {
    const digested = new DigestedBytes(file);
    const opened = seal && (await OpenedBytes.begin(digested, seal.box, seal.context));
    const weights = new Map<string, WeightArray>();
    for await (const [name, array] of safetensorsArrays(opened ?? digested)) weights.set(name, array);
    await opened?.requireGenuine();
    return { weights, sha256: digested.sha256() };
  } finally {
    await file.close();
  }
}

/**
 * The arrays of a safetensors file in the order in which they lie in it.
 * @throws Failure MODEL_INVALID where it is no such file
 */
export async function* safetensorsArrays(file: ByteReader): AsyncGenerator<readonly [string, WeightArray]> {
  requireLittleEndian();
  const start = Buffer.alloc(LENGTH_BYTES);
  await file.fill(start.subarray(0, Math.min(LENGTH_BYTES, file.byteLength)));
  const header = Buffer.alloc(safetensorsHeaderBytes(start, file.byteLength));
  await file.fill(header);
  const { arrays } = parseArrays(header, file.byteLength - LENGTH_BYTES - header.length);
  // They cover the data without gaps, so that each begins where the one before ended.
  for (const { name, shape, elementType, start: from, end } of arrays.toSorted(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    const bytes = new Uint8Array(end - from);
    await file.fill(bytes);
    yield [name, { shape, values: floatsOf(bytes, elementType) }];
  }
}
