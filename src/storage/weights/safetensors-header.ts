import { z } from 'zod';

import { Failure } from '../../core/failure.js';

/** Bytes of an element, by the element types that are read. */
export const ELEMENT_BYTES = { F32: 4, F16: 2 } as const;

export interface StoredArray {
  readonly name: string;
  readonly elementType: keyof typeof ELEMENT_BYTES;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly arrays: readonly StoredArray[];
  /** The offset at which the data begins in the file, in bytes. */
  readonly dataStart: number;
}

/** Bytes of the header's length at the start of a file. */
export const LENGTH_BYTES = 8;
/** The format's own limit, against headers made to exhaust memory. */
const MAX_HEADER_BYTES = 100_000_000;

const count = z.int().nonnegative();
const arraySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count).max(8),
  data_offsets: z.tuple([count, count]),
});
const headerSchema = z.record(z.string(), z.unknown());

/** @throws Failure MODEL_INVALID where the header is no safetensors header or does not fit the file */
export function parseSafetensorsHeader(file: Buffer): SafetensorsHeader {
  const headerBytes = safetensorsHeaderBytes(file, file.length);
  const header = file.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  return parseArrays(header, file.length - LENGTH_BYTES - headerBytes);
}

/**
 * The length of the header that follows the first 8 bytes of a file.
 * @param start its first bytes @param fileBytes how many it has
 * @throws Failure MODEL_INVALID where it cannot have a header of such a length
 */
export function safetensorsHeaderBytes(start: Buffer, fileBytes: number): number {
  if (fileBytes < LENGTH_BYTES) throw invalid(`it has ${fileBytes} bytes, too few for a header`);
  const bytes = start.readBigUInt64LE();
  const limit = Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES);
  if (bytes > BigInt(limit)) throw invalid(`its header of ${bytes} bytes exceeds the ${limit} there can be`);
  return Number(bytes);
}

/**
 * The arrays that a header describes.
 * @param header its JSON @param dataBytes how many bytes follow it
 * @throws Failure MODEL_INVALID where it is no header, or describes other bytes than these
 */
export function parseArrays(header: Buffer, dataBytes: number): SafetensorsHeader {
  const { __metadata__: metadata, ...entries } = parseJson(header);
  if (metadata !== undefined && !z.record(z.string(), z.string()).safeParse(metadata).success) {
    throw invalid('__metadata__ is no record of strings');
  }
  const arrays = Object.entries(entries).map(([name, entry]) => parseArray(name, entry));
  requireWholeCover(arrays, dataBytes);
  return { arrays, dataStart: LENGTH_BYTES + header.length };
}

function parseJson(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('its header is no JSON');
  }
  const parsed = headerSchema.safeParse(value);
  if (!parsed.success) throw invalid('its header is no JSON object');
  return parsed.data;
}

function parseArray(name: string, entry: unknown): StoredArray {
  const parsed = arraySchema.safeParse(entry);
  if (!parsed.success) throw invalid(`${name} is not described by dtype, shape and data_offsets`);
  const {
    dtype,
    shape,
    data_offsets: [start, end],
  } = parsed.data;
  if (dtype !== 'F32' && dtype !== 'F16')
    throw invalid(`${name} has elements of type ${dtype}, not F32 or F16`);
  const bytes = shape.reduce((product, extent) => product * extent, ELEMENT_BYTES[dtype]);
  if (end - start !== bytes) {
    throw invalid(`${name} of shape [${shape.join(', ')}] needs ${bytes} bytes and has ${end - start}`);
  }
  return { name, elementType: dtype, shape, start, end };
}

/** Arrays follow each other without gaps or overlaps and end with the file, as the format wants. */
function requireWholeCover(arrays: readonly StoredArray[], dataBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of [...arrays].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (end > dataBytes) throw invalid(`${name} ends at byte ${end} of ${dataBytes}`);
    if (start < covered) throw invalid(`${name} overlaps the array before it`);
    if (start > covered) throw invalid(`no array holds the bytes before ${name}`);
    covered = end;
  }
  if (covered !== dataBytes) throw invalid(`${dataBytes - covered} bytes follow the last array`);
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', `not a usable safetensors file: ${message}`);
}
