/**
 * Fields of protobuf messages byte by byte, for files that nothing here writes. Not protobufjs' writer: what reads such
 * files is checked against the format, not against itself.
 */

const [VARINT, FIXED_64, LENGTH_DELIMITED, FIXED_32] = [0, 1, 2, 5];

export function varintField(number: number, value: number | bigint): Uint8Array {
  return Uint8Array.of(...tag(number, VARINT), ...varint(BigInt(value)));
}

export function floatField(number: number, value: number): Uint8Array {
  return Uint8Array.of(...tag(number, FIXED_32), ...new Uint8Array(Float32Array.of(value).buffer));
}

export function doubleField(number: number, value: number): Uint8Array {
  return Uint8Array.of(...tag(number, FIXED_64), ...new Uint8Array(Float64Array.of(value).buffer));
}

export function bytesField(number: number, value: string | NodeJS.ArrayBufferView): Uint8Array {
  const bytes =
    typeof value === 'string'
      ? Buffer.from(value)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return Buffer.concat([tag(number, LENGTH_DELIMITED), varint(BigInt(bytes.length)), bytes]);
}

export function messageField(number: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytesField(number, Buffer.concat(fields));
}

/** Numbers as a packed field has them. */
export function packedField(number: number, ...values: readonly (number | bigint)[]): Uint8Array {
  return messageField(number, ...values.map((value) => varint(BigInt(value))));
}

function tag(number: number, wireType: number): Uint8Array {
  return varint(BigInt((number << 3) | wireType));
}

/** Negative numbers as the two's complement of 64 bits. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const more = rest > 0x7fn ? 0x80 : 0;
    bytes.push(Number(rest & 0x7fn) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
