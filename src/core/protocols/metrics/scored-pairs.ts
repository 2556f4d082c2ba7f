/** Similarities of the pairs of a verification protocol, in its order. */
export interface ScoredPairs {
  /** Cosine similarity of each pair, -1 to 1. */
  readonly similarities: Float64Array;
  readonly genuine: readonly boolean[];
}
