import { elementCount, type Elements, type Tensor } from '../../onnx/tensor.js';

/**
 * Reorders the axes of a constant: axis `p` of the result is axis `permutation[p]` of the operand.
 * A permutation of the operand's rank is required.
 */
export function transposeConstant(constant: Tensor, permutation: readonly number[]): Tensor {
  const operandStrides = rowMajorStrides(constant.dims);
  const dims = permutation.map((axis) => constant.dims[axis] ?? 1);
  const strides = permutation.map((axis) => operandStrides[axis] ?? 1);
  const source = constant.elements;
  const target = newElements(source, source.length);
  const index = dims.map(() => 0);
  const rowLength = dims.at(-1) ?? 1;
  const rowStride = strides.at(-1) ?? 1;
  let offset = 0;
  for (let position = 0; position < source.length; position += rowLength) {
    for (let column = 0; column < rowLength; column++) {
      target[position + column] = source[offset + column * rowStride] ?? 0;
    }
    // Advance the odometer of the slower axes: carry into the next whenever one wraps around.
    for (let axis = dims.length - 2; axis >= 0; axis--) {
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

/** The constant with the given axes cut to an extent of 1, undefined if its elements vary along them. */
export function unrepeated(constant: Tensor, axes: readonly number[]): Tensor | undefined {
  const { dims, elementType, elements } = constant;
  const keptDims = dims.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const strides = rowMajorStrides(dims);
  const keptStrides = rowMajorStrides(keptDims);
  const kept = newElements(elements, elementCount(keptDims));
  const seen = new Uint8Array(kept.length);
  for (const [position, element] of elements.entries()) {
    let keptPosition = 0;
    strides.forEach((stride, axis) => {
      if (axes.includes(axis)) return;
      keptPosition += (Math.floor(position / stride) % (dims[axis] ?? 1)) * (keptStrides[axis] ?? 1);
    });
    if (seen[keptPosition] === 1 && !Object.is(kept[keptPosition], element)) return undefined;
    kept[keptPosition] = element;
    seen[keptPosition] = 1;
  }
  return { elementType, dims: keptDims, elements: kept };
}

function newElements(like: Elements, length: number): Elements {
  return new (like.constructor as new (length: number) => Elements)(length);
}

function rowMajorStrides(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  }
  return strides;
}
