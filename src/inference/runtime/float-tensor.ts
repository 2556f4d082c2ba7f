/** Row-major 32-bit floats; `data.length` is the product of `dimensions`. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dimensions: readonly number[];
}
