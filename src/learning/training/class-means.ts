import type { WeightArray } from '../../domain/model/weights.js';

/** Below, a mean's direction is rounding. */
const SMALLEST_NORM = 1e-6;

/** Sums the unit embeddings of each class, for a head that starts where the classes already are. */
export class ClassMeans {
  /** [C, D] */
  private readonly sums: Float32Array;

  /** @param dimension D @param classCount C */
  constructor(
    private readonly dimension: number,
    private readonly classCount: number,
  ) {
    this.sums = new Float32Array(dimension * classCount);
  }

  /**
   * @param embedding [D], of any length
   * @throws RangeError where it has another size, a number that is not finite or no direction
   */
  add(embedding: Float32Array, label: number): void {
    const norm = normOf(embedding);
    if (embedding.length !== this.dimension || !(norm > 0) || !Number.isFinite(norm))
      throw new RangeError(`an embedding of ${embedding.length} numbers has the length ${norm}`);
    const start = label * this.dimension;
    for (const [index, value] of embedding.entries()) {
      this.sums[start + index] = (this.sums[start + index] ?? 0) + value / norm;
    }
  }

  /**
   * The class weights W: column j is the direction of class j's mean.
   * @param drawn [D, C]; a class keeps its column where it has no mean, or one without a direction
   */
  head(drawn: WeightArray): WeightArray {
    const values = drawn.values.slice();
    for (let label = 0; label < this.classCount; label++) {
      const sum = this.sums.subarray(label * this.dimension, (label + 1) * this.dimension);
      const norm = normOf(sum);
      if (norm < SMALLEST_NORM) continue;
      for (const [row, value] of sum.entries()) values[row * this.classCount + label] = value / norm;
    }
    return { shape: drawn.shape, values };
  }
}

function normOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
