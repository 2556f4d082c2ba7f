import type { WeightArray } from '../../domain/model/weights.js';

/** Sums the features of each class, to find where the classes are around their middle. */
export class ClassCentres {
  /** [C, F] */
  private readonly sums: Float64Array;
  /** [C] */
  private readonly counts: Float64Array;

  /** @param dimension F @param classCount C */
  constructor(
    private readonly dimension: number,
    classCount: number,
  ) {
    this.sums = new Float64Array(dimension * classCount);
    this.counts = new Float64Array(classCount);
  }

  /** @param features [F] @throws RangeError where a number is not finite */
  add(features: Float32Array, label: number): void {
    if (!features.every(Number.isFinite)) throw new RangeError('features are not finite');
    const start = label * this.dimension;
    for (const [index, value] of features.entries()) add(this.sums, start + index, value);
    add(this.counts, label, 1);
  }

  /** [F]: the mean of the means of all classes that have a face, each weighing the same. */
  middle(): Float32Array {
    const present = this.presentLabels();
    return Float32Array.from({ length: this.dimension }, (_, index) => {
      const means = present.map((label) => this.meanOf(label, index));
      return means.reduce((sum, mean) => sum + mean, 0) / Math.max(1, present.length);
    });
  }

  /**
   * Class weights W whose column j is the direction of (mean of class j - share · middle) M.
   * @param matrix [F, D] row after row
   * @param drawn  [D, C]; a class without a face, or at the very origin, keeps its column
   * @param share  of the middle that is taken away
   */
  head(matrix: Float32Array, drawn: WeightArray, share: number): WeightArray {
    const values = drawn.values.slice();
    const middle = this.middle();
    const classCount = this.counts.length;
    for (const label of this.presentLabels()) {
      const centred = middle.map((centre, index) => this.meanOf(label, index) - share * centre);
      const direction = product(centred, matrix);
      const length = Math.hypot(...direction);
      if (length === 0) continue;
      for (const [index, value] of direction.entries()) values[index * classCount + label] = value / length;
    }
    return { shape: drawn.shape, values };
  }

  private presentLabels(): readonly number[] {
    return Array.from(this.counts.keys()).filter((label) => (this.counts[label] ?? 0) > 0);
  }

  private meanOf(label: number, index: number): number {
    return (this.sums[label * this.dimension + index] ?? 0) / (this.counts[label] ?? 1);
  }
}

/** @param row [F] @param matrix [F, D] @returns [D] */
function product(row: Float32Array, matrix: Float32Array): Float64Array {
  const columns = matrix.length / row.length;
  const sums = new Float64Array(columns);
  for (const [index, factor] of row.entries())
    for (let column = 0; column < columns; column++)
      add(sums, column, factor * (matrix[index * columns + column] ?? 0));
  return sums;
}

function add(sums: Float64Array, index: number, value: number): void {
  sums[index] = (sums[index] ?? 0) + value;
}
