/** Length of a vector. */
export function l2Norm(vector: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * The vector at unit length, as a new array.
 * @throws RangeError for a vector without direction: zero, empty, or with a value that is not finite
 */
export function l2Normalise(vector: Float32Array): Float32Array {
  const norm = normOfDirected(vector);
  return vector.map((value) => value / norm);
}

/**
 * Cosine of the angle between two embeddings of any length.
 * @param a [D]
 * @param b [D]
 * @returns in [-1, 1]: rounding is held to that range
 * @throws RangeError where the dimensions differ or a vector has no direction
 */
export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`embeddings of ${a.length} and ${b.length} dimensions cannot be compared`);
  }
  const norms = normOfDirected(a) * normOfDirected(b);
  return Math.min(Math.max(dotProduct(a, b) / norms, -1), 1);
}

/** Σ a_i b_i of vectors of one length: of unit embeddings their cosine, but for rounding. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

function normOfDirected(vector: Float32Array): number {
  const norm = l2Norm(vector);
  if (!(norm > 0) || !Number.isFinite(norm)) {
    throw new RangeError('an embedding must have a finite, positive length');
  }
  return norm;
}
