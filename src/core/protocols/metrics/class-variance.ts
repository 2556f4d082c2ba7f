/** How far classes lie from each other, and their members from them. */
export interface ClassVariance {
  /** Mean over the classes of the squared distance of the class's mean to the mean of all classes' means. */
  readonly interClass: number;
  /** Mean over the embeddings of the squared distance to the mean of their class. */
  readonly intraClass: number;
}

/**
 * Variances of unit-length embeddings. The paper's Table 3 gives inter-class variances without a definition; this is
 * the usual one, with every class weighing the same.
 * @param embeddings [N] of [D]
 * @param classes [N] the class of each
 * @throws RangeError where there is no embedding or the lengths differ
 */
export function classVariance(
  embeddings: readonly Float32Array[],
  classes: readonly string[],
): ClassVariance {
  const dimension = embeddings[0]?.length ?? 0;
  if (dimension === 0 || embeddings.length !== classes.length) {
    throw new RangeError('one class an embedding, and at least one of them');
  }
  const members = new Map<string, Float32Array[]>();
  for (const [index, embedding] of embeddings.entries()) {
    const name = classes[index] ?? '';
    members.set(name, [...(members.get(name) ?? []), embedding]);
  }
  const means = new Map([...members].map(([name, vectors]) => [name, meanOf(vectors, dimension)]));
  const grandMean = meanOf([...means.values()], dimension);
  const interClass = average([...means.values()].map((mean) => squaredDistance(mean, grandMean)));
  const intraClass = average(
    embeddings.map((embedding, index) => {
      const mean = means.get(classes[index] ?? '');
      return mean === undefined ? Number.NaN : squaredDistance(embedding, mean);
    }),
  );
  return { interClass, intraClass };
}

type Vector = Float32Array | Float64Array;

function meanOf(vectors: readonly Vector[], dimension: number): Float64Array {
  const sum = new Float64Array(dimension);
  for (const vector of vectors) {
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value;
  }
  return sum.map((value) => value / vectors.length);
}

function squaredDistance(a: Vector, b: Vector): number {
  let sum = 0;
  for (const [index, value] of a.entries()) sum += (value - (b[index] ?? 0)) ** 2;
  return sum;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
