import { l2Norm, l2Normalise } from './similarity.js';

/** The direction of a shorter sum of unit vectors is rounding. */
const SMALLEST_NORM = 1e-6;

/** One unit vector an identity. */
export interface Templates {
  /** [n] index of each one's identity; identities without a template are not in it */
  readonly identities: Int32Array;
  /** [n, D], row after row */
  readonly rows: Float32Array;
  /** D */
  readonly dimension: number;
}

/** Sums the unit embeddings of each identity; the direction of the sum is its template. */
export class TemplateSums {
  /** [I, D] */
  private readonly sums: Float64Array;

  /** @param dimension D @param identityCount I */
  constructor(
    private readonly dimension: number,
    private readonly identityCount: number,
  ) {
    this.sums = new Float64Array(dimension * identityCount);
  }

  /**
   * @param embedding [D], of any length
   * @throws RangeError where it has another size or no direction
   */
  add(embedding: Float32Array, identity: number): void {
    if (embedding.length !== this.dimension)
      throw new RangeError(`an embedding has ${embedding.length} numbers, not ${this.dimension}`);
    const start = identity * this.dimension;
    for (const [index, value] of l2Normalise(embedding).entries())
      this.sums[start + index] = (this.sums[start + index] ?? 0) + value;
  }

  /**
   * The templates of the identities that have a face; those whose faces cancel each other out have none either.
   */
  templates(): Templates {
    const { dimension } = this;
    const sumOf = (identity: number): Float32Array =>
      Float32Array.from(this.sums.subarray(identity * dimension, (identity + 1) * dimension));
    const identities = Int32Array.from({ length: this.identityCount }, (_, identity) => identity).filter(
      (identity) => l2Norm(sumOf(identity)) >= SMALLEST_NORM,
    );
    const rows = new Float32Array(identities.length * dimension);
    for (const [row, identity] of identities.entries())
      rows.set(l2Normalise(sumOf(identity)), row * dimension);
    return { identities, rows, dimension };
  }
}
