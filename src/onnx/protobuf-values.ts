import type protobuf from 'protobufjs/minimal.js';

import { Failure } from '../core/failure.js';

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

export const VARINT = 0;
const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Bytes of a protobuf message, 2 GiB. */
const MAXIMUM_BYTES = 2 ** 31 - 1;

/** How a value of one type lies behind a field's tag. */
export interface ValueType<T> {
  readonly wireType: number;
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
}

/** Beyond 2^53 only the magnitude is kept. */
export const INTEGER: ValueType<number> = {
  wireType: VARINT,
  read: (reader) => longNumber(reader.int64()),
  write: (writer, value) => writer.int64(value),
};

export const FLOAT: ValueType<number> = {
  wireType: FIXED_32,
  read: (reader) => reader.float(),
  write: (writer, value) => writer.float(value),
};

export const DOUBLE: ValueType<number> = {
  wireType: FIXED_64,
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value),
};

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export const TEXT: ValueType<string> = {
  wireType: LENGTH_DELIMITED,
  // protobufjs' own reads texts that are cut off.
  read: (reader) => utf8.decode(reader.bytes()),
  write: (writer, value) => writer.string(value),
};

/** Not copied when they are read. */
export const BYTES: ValueType<Uint8Array> = {
  wireType: LENGTH_DELIMITED,
  read: (reader) => reader.bytes(),
  write: (writer, value) => {
    requireSize(value.length);
    writer.bytes(value);
  },
};

/** @throws Failure MODEL_INVALID where a message would have, or has, more than 2 GiB */
export function requireSize(byteCount: number): void {
  if (byteCount <= MAXIMUM_BYTES) return;
  const message = `the graph has ${byteCount} bytes; an ONNX file has at most ${MAXIMUM_BYTES} (2 GiB)`;
  throw new Failure('MODEL_INVALID', message);
}

/** protobufjs gives halves of 32 bits where the package `long` is installed. */
function longNumber(value: number | { readonly low: number; readonly high: number }): number {
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}
