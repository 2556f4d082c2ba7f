import { l2Norm } from '../../core/verification/similarity.js';

/** A linear map behind a backbone. */
export interface EmbeddingProjection {
  /** D */
  readonly dimension: number;
  /** [D, D] A, row after row: an embedding e, as a row, becomes e A. */
  readonly matrix: Float32Array;
}

export interface WhiteningOptions {
  /** λ: so many mean variances are added to each variance. 0: none; the greater, the nearer to no whitening at all. */
  readonly shrinkage: number;
}

/**
 * Fits a projection that makes small what tells photographs apart and persons not: within-class covariance normalisation (Hatch,
 * Kajarekar & Stolcke, "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006), the
 * covariance shrunk towards a multiple of the identity (Ledoit & Wolf 2004). The mean of all embeddings, which is what a site's
 * pictures have in common, counts as one more such direction. With z a unit embedding, m_c the mean of person c, μ the mean of
 * all and N faces of C persons:
 *
 *     S_w = Σ_c Σ_(i of c) (z_i - m_c)ᵀ(z_i - m_c) / (N - C)
 *     S = S_w + μᵀμ + λ tr(S_w)/D I = L Lᵀ          (Cholesky)
 *     A = g L⁻ᵀ, so that ‖z A‖² = g² z S⁻¹ zᵀ
 *
 * The factor g makes the mean length of the faces' projections 1, so that lengths of embeddings, which quality is judged by,
 * stay what they were.
 *
 * @param embeddings [N, D] unit embeddings, row after row
 * @param labels [N] whose face each is
 * @throws RangeError where nobody has two faces, or S is singular (no shrinkage and too few faces)
 */
export function fitWithinClassWhitening(
  embeddings: Float32Array,
  labels: readonly number[],
  { shrinkage }: WhiteningOptions,
): EmbeddingProjection {
  const dimension = embeddings.length / labels.length;
  const scatter = withinClassCovariance(embeddings, labels, dimension);
  const meanVariance = trace(scatter, dimension) / dimension;
  addOuterProduct(scatter, meanOfRows(rowsOf(embeddings, dimension), dimension));
  for (let axis = 0; axis < dimension; axis++)
    scatter[axis * dimension + axis] = at(scatter, axis * dimension + axis) + shrinkage * meanVariance;
  const inverse = inverseLowerTriangle(choleskyFactor(scatter, dimension), dimension);
  const matrix = Float32Array.from(transposed(inverse, dimension));
  const length = meanLength(projected(embeddings, { dimension, matrix }), dimension);
  if (!(length > 0)) throw new RangeError('all faces have the same embedding');
  return { dimension, matrix: matrix.map((value) => value / length) };
}

/** @param embeddings [N, D]; @returns [N, D] E A */
export function projected(
  embeddings: Float32Array,
  { dimension, matrix }: EmbeddingProjection,
): Float32Array {
  const result = new Float32Array(embeddings.length);
  const sums = new Float64Array(dimension);
  for (let row = 0; row < embeddings.length; row += dimension) {
    sums.fill(0);
    for (let axis = 0; axis < dimension; axis++) {
      const value = at(embeddings, row + axis);
      const start = axis * dimension;
      for (let column = 0; column < dimension; column++)
        sums[column] = at(sums, column) + value * at(matrix, start + column);
    }
    result.set(sums, row);
  }
  return result;
}

/** {@link projected} of embeddings that are arrays of their own. */
export function projectedRows(
  embeddings: readonly Float32Array[],
  projection: EmbeddingProjection,
): readonly Float32Array[] {
  return embeddings.map((embedding) => projected(embedding, projection));
}

type Numbers = Float32Array | Float64Array;

/** Indices here are within bounds by construction. */
function at(values: Numbers, index: number): number {
  return values[index] ?? Number.NaN;
}

/** The rows of [N, D]. */
function rowsOf(embeddings: Float32Array, dimension: number): readonly Float32Array[] {
  return Array.from({ length: embeddings.length / dimension }, (_, row) =>
    embeddings.subarray(row * dimension, (row + 1) * dimension),
  );
}

/** S_w, [D, D]. */
function withinClassCovariance(
  embeddings: Float32Array,
  labels: readonly number[],
  dimension: number,
): Float64Array {
  const facesOf = new Map<number | undefined, Float32Array[]>();
  for (const [row, face] of rowsOf(embeddings, dimension).entries()) {
    const own = facesOf.get(labels[row]);
    if (own === undefined) facesOf.set(labels[row], [face]);
    else own.push(face);
  }
  const degrees = labels.length - facesOf.size;
  if (degrees <= 0) throw new RangeError('a projection needs persons with two faces or more');
  const covariance = new Float64Array(dimension * dimension);
  for (const faces of facesOf.values()) {
    const centre = meanOfRows(faces, dimension);
    for (const face of faces)
      addOuterProduct(
        covariance,
        face.map((value, axis) => value - at(centre, axis)),
      );
  }
  return covariance.map((sum) => sum / degrees);
}

function meanOfRows(rows: readonly Float32Array[], dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (const row of rows)
    for (let axis = 0; axis < dimension; axis++) mean[axis] = at(mean, axis) + at(row, axis) / rows.length;
  return mean;
}

/** S += d dᵀ; the lower triangle is all that is read of it. */
function addOuterProduct(sum: Float64Array, deviation: Numbers): void {
  const dimension = deviation.length;
  for (let row = 0; row < dimension; row++) {
    const value = at(deviation, row);
    const start = row * dimension;
    for (let column = 0; column <= row; column++)
      sum[start + column] = at(sum, start + column) + value * at(deviation, column);
  }
}

function trace(matrix: Float64Array, dimension: number): number {
  let sum = 0;
  for (let axis = 0; axis < dimension; axis++) sum += at(matrix, axis * dimension + axis);
  return sum;
}

/** L with L Lᵀ = S, of S's lower triangle (Golub & Van Loan, algorithm 4.2.1). */
function choleskyFactor(matrix: Float64Array, dimension: number): Float64Array {
  const factor = new Float64Array(matrix.length);
  for (let row = 0; row < dimension; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = at(matrix, row * dimension + column);
      for (let k = 0; k < column; k++)
        rest -= at(factor, row * dimension + k) * at(factor, column * dimension + k);
      if (row === column && !(rest > 0))
        throw new RangeError('what varies within persons is singular: it needs shrinkage, or more faces');
      factor[row * dimension + column] =
        row === column ? Math.sqrt(rest) : rest / at(factor, column * dimension + column);
    }
  }
  return factor;
}

/** L⁻¹, column after column by forward substitution. */
function inverseLowerTriangle(factor: Float64Array, dimension: number): Float64Array {
  const inverse = new Float64Array(factor.length);
  for (let column = 0; column < dimension; column++) {
    for (let row = column; row < dimension; row++) {
      let rest = row === column ? 1 : 0;
      for (let k = column; k < row; k++)
        rest -= at(factor, row * dimension + k) * at(inverse, k * dimension + column);
      inverse[row * dimension + column] = rest / at(factor, row * dimension + row);
    }
  }
  return inverse;
}

function transposed(matrix: Float64Array, dimension: number): Float64Array {
  return matrix.map((_, index) => {
    const row = Math.floor(index / dimension);
    return at(matrix, (index % dimension) * dimension + row);
  });
}

function meanLength(embeddings: Float32Array, dimension: number): number {
  const rows = rowsOf(embeddings, dimension);
  return rows.reduce((sum, row) => sum + l2Norm(row) / rows.length, 0);
}
