import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { NormStatistics } from '../../core/faces/quality/face-utility.js';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** Turns aligned faces into embeddings. */
export interface FaceEmbedder {
  /** The crop that {@link embed} takes. */
  readonly alignment: AlignmentTemplate;
  readonly dimension: number;
  /** Of good faces; undefined where the model's manifest does not say. */
  readonly typicalNorm: NormStatistics | undefined;
  /**
   * One raw (not normalised) embedding a crop, in order, of `dimension` numbers; with test-time augmentation
   * where the model's manifest asks for it. Runs the crops in batches.
   * @param crops images of exactly the alignment template's size
   */
  embed(crops: readonly RgbImage[]): Promise<readonly Float32Array[]>;
}
