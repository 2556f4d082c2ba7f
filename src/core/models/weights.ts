/** One array of a network's weights, in row-major order. */
export interface WeightArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A network's weights by name: what is stored, exchanged and handed to the training step. */
export type Weights = ReadonlyMap<string, WeightArray>;
