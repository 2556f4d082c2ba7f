/** Element types a graph value can have; `int64` is only used for shapes, axes and indices. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

export type ConstantElements = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor known at compile time, its elements in row-major order. */
export interface Constant {
  readonly elementType: ElementType;
  readonly dims: readonly number[];
  readonly elements: ConstantElements;
}

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Builds a constant from plain numbers; integers are truncated towards zero, booleans are 0 or 1. */
export function constantOf(
  values: ArrayLike<number>,
  dims: readonly number[],
  elementType: ElementType,
): Constant {
  return { elementType, dims, elements: toElements(values, elementType) };
}

function toElements(values: ArrayLike<number>, elementType: ElementType): ConstantElements {
  switch (elementType) {
    case 'float32':
      return values instanceof Float32Array ? values : Float32Array.from(values);
    case 'int32':
      return values instanceof Int32Array ? values : Int32Array.from(values);
    case 'bool':
      return values instanceof Uint8Array ? values : Uint8Array.from(values);
    case 'int64':
      return BigInt64Array.from(Array.from(values, (value) => BigInt(Math.trunc(value))));
  }
}

export function bytesOf(constant: Constant): Uint8Array {
  const { buffer, byteOffset, byteLength } = constant.elements;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Reorders the axes of a constant: axis `p` of the result is axis `permutation[p]` of the operand.
 * A permutation of the operand's rank is required.
 */
export function transposeConstant(constant: Constant, permutation: readonly number[]): Constant {
  const operandStrides = rowMajorStrides(constant.dims);
  const dims = permutation.map((axis) => constant.dims[axis] ?? 1);
  const strides = permutation.map((axis) => operandStrides[axis] ?? 1);
  const source = constant.elements;
  const target = new (source.constructor as new (length: number) => ConstantElements)(source.length);
  const index = dims.map(() => 0);
  let offset = 0;
  for (let position = 0; position < source.length; position++) {
    target[position] = source[offset] ?? 0;
    // Advance the odometer: carry into the next slower axis whenever one wraps around.
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      offset += strides[axis] ?? 0;
      if (next < (dims[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      offset -= next * (strides[axis] ?? 0);
    }
  }
  return { elementType: constant.elementType, dims, elements: target };
}

function rowMajorStrides(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  }
  return strides;
}
