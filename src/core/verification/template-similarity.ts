import { l2Norm, l2Normalise } from './similarity.js';

/**
 * How much of what the mean of different photographs is shorter by is made up for, fitted on 130 persons of CelebA so that strangers match a
 * template as seldom as one photograph, whatever it shows them by (docs/results/score-side.md).
 */
const restoredShare = 0.75;

/** A face of a subject, and how alike another is to it. */
interface TemplateFace {
  /** Cosine. */
  readonly similarity: number;
  /** [D], of any length */
  readonly embedding: Float32Array;
}

/**
 * How alike a face is to all of a subject's together. With z_i the k unit embeddings, m = Σ z_i / k, and p another one,
 *
 *     s = p·m / ‖m‖^¾ = (Σ s_i / k) / ‖m‖^¾
 *
 * p·m, the mean of the similarities, falls short of any threshold for pairs the more the photographs differ; p·m / ‖m‖, the cosine to
 * the mean, is too high where all of them share a look (blur, a mask), since what they share does not shorten m. One photograph, or the
 * same one many times, has its cosine. Embeddings that cancel each other out show nobody: since |p·m| ≤ ‖m‖, s goes to 0 with ‖m‖.
 * @param faces one or more
 * @returns within [-‖m‖^¼, ‖m‖^¼], and so within [-1, 1]: rounding is held to that range
 * @throws RangeError for no face, or an embedding without a direction
 */
export function templateSimilarity(faces: readonly TemplateFace[]): number {
  const [first] = faces;
  if (first === undefined) throw new RangeError('a template takes one face or more');
  const sum = new Float64Array(first.embedding.length);
  for (const { embedding } of faces)
    for (const [axis, value] of l2Normalise(embedding).entries()) sum[axis] = (sum[axis] ?? 0) + value;
  const length = l2Norm(sum) / faces.length;
  if (length === 0) return 0;
  const mean = faces.reduce((total, { similarity }) => total + similarity, 0) / faces.length;
  const highest = Math.min(length, 1) ** (1 - restoredShare);
  return Math.min(Math.max(mean / length ** restoredShare, -highest), highest);
}
