import { endianness } from 'node:os';

import { floatOfHalf, halfOfFloat } from '../core/models/half-precision.js';

type NumberElements =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

export type Elements = NumberElements | BigInt64Array | BigUint64Array;

/** How elements of one type lie in memory and in a file. */
interface ElementLayout {
  readonly array: {
    readonly BYTES_PER_ELEMENT: number;
    new (length: number): Elements;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): Elements;
  };
  /** Number of TensorProto.DataType, as tensors and the operator `Cast` have it. */
  readonly dataType: number;
  /** The field of TensorProto that lists elements which are not there as bytes. */
  readonly list: 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';
}

export const ELEMENT_LAYOUTS = {
  float32: { array: Float32Array, dataType: 1, list: 'floatData' },
  uint8: { array: Uint8Array, dataType: 2, list: 'int32Data' },
  int8: { array: Int8Array, dataType: 3, list: 'int32Data' },
  uint16: { array: Uint16Array, dataType: 4, list: 'int32Data' },
  int16: { array: Int16Array, dataType: 5, list: 'int32Data' },
  int32: { array: Int32Array, dataType: 6, list: 'int32Data' },
  int64: { array: BigInt64Array, dataType: 7, list: 'int64Data' },
  bool: { array: Uint8Array, dataType: 9, list: 'int32Data' },
  float16: { array: Uint16Array, dataType: 10, list: 'int32Data' },
  float64: { array: Float64Array, dataType: 11, list: 'doubleData' },
  uint32: { array: Uint32Array, dataType: 12, list: 'uint64Data' },
  uint64: { array: BigUint64Array, dataType: 13, list: 'uint64Data' },
} as const satisfies Readonly<Record<string, ElementLayout>>;

/** Types of tensors' elements. ONNX has more: texts, complex numbers and floats of 8 bits and fewer. */
export type ElementType = keyof typeof ELEMENT_LAYOUTS;

/** A tensor that a graph holds. */
export interface Tensor {
  readonly elementType: ElementType;
  readonly dims: readonly number[];
  /** In row-major order, in the array that the type has; `float16` by its bits, `bool` as 0 and 1. */
  readonly elements: Elements;
}

const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map(
  Object.keys(ELEMENT_LAYOUTS)
    .filter(isElementType)
    .map((elementType) => [dataTypeOf(elementType), elementType]),
);

export function dataTypeOf(elementType: ElementType): number {
  return layoutOf(elementType).dataType;
}

/** @returns undefined for types that no tensor here has */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return ELEMENT_TYPES.get(dataType);
}

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, extent) => product * extent, 1);
}

/** Builds a tensor from plain numbers; integers are truncated towards zero. An array of the type's own is not copied. */
export function tensorOf(
  values: ArrayLike<number>,
  dims: readonly number[],
  elementType: ElementType,
): Tensor {
  const stored = elementType === 'float16' ? Uint16Array.from(values, halfOfFloat) : values;
  return { elementType, dims, elements: elementsOfNumbers(stored, elementType) };
}

/** The elements of a tensor from plain numbers, those of `float16` from its bits. */
export function elementsOfNumbers(values: ArrayLike<number>, elementType: ElementType): Elements {
  if (areElements(values, elementType)) return values;
  const elements = new (layoutOf(elementType).array)(values.length);
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    for (let index = 0; index < values.length; index++) elements[index] = bigIntegerOf(values[index] ?? 0);
  } else {
    elements.set(values);
  }
  return elements;
}

/** Elements that lie one after another in a file; copied only where they are not aligned. */
export function elementsOfBytes(bytes: Uint8Array, elementType: ElementType): Elements {
  const { array: ElementArray } = layoutOf(elementType);
  const size = ElementArray.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new ElementArray(buffer, byteOffset, byteLength / size);
}

export function layoutOf(elementType: ElementType): ElementLayout {
  return ELEMENT_LAYOUTS[elementType];
}

/** The elements as they lie in memory; not copied. */
export function bytesOf({ elements: { buffer, byteOffset, byteLength } }: Tensor): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The elements in single precision; not copied where they are. */
export function floatsOf({ elementType, elements }: Tensor): Float32Array {
  if (elements instanceof Float32Array) return elements;
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array)
    return Float32Array.from(elements, Number);
  return elementType === 'float16' ? Float32Array.from(elements, floatOfHalf) : Float32Array.from(elements);
}

/** Files are little-endian, and arrays in the machine's order. @throws Error where these differ */
export function requireLittleEndian(): void {
  if (endianness() !== 'LE')
    throw new Error('ONNX models can only be read and written on little-endian machines');
}

/** The largest integer of 64 bits, which says "up to the end", is 2^63 as a number: one too many. */
function bigIntegerOf(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(Math.trunc(value));
}

function areElements(values: ArrayLike<number>, elementType: ElementType): values is NumberElements {
  return values instanceof layoutOf(elementType).array;
}

function isElementType(name: string): name is ElementType {
  return Object.hasOwn(ELEMENT_LAYOUTS, name);
}
