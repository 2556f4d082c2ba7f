import { expect } from 'vitest';

type TypedArray = Uint8Array | Int32Array | Float32Array | Float64Array;

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * Arrays of one type with the same bytes are equal. Vitest compares them number by number, which takes seconds for the
 * weights of a network; it still does where bytes differ.
 */
function sameBytes(first: unknown, second: unknown): boolean | undefined {
  if (!isTypedArray(first) || !isTypedArray(second)) return undefined;
  const isSame = first.constructor === second.constructor && bytesOf(first).equals(bytesOf(second));
  return isSame || undefined;
}

expect.addEqualityTesters([sameBytes]);
