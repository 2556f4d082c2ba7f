/** How long the stages of one image took, in milliseconds. A stage that it did not come to, or did not need, has none. */
export interface StageDurations {
  /** The file to pixels, as often as finer ones were needed. */
  readonly decode?: number;
  /** Finding faces in the pixels, without decoding them. */
  readonly detect?: number;
  /** Crops to embeddings, with the wait for the batch that they were computed in. */
  readonly embed?: number;
}

/** What became of one image of a call, for whoever wants to know where the time went. Times are of `performance.now()`. */
export interface ImageTiming {
  readonly queuedAtMs: number;
  /** When a worker got it; undefined where none did. */
  readonly sentAtMs: number | undefined;
  /** When it was answered; undefined where nobody waited for it any more. */
  readonly answeredAtMs: number | undefined;
  readonly stages: StageDurations;
  readonly faceCount: number;
}
