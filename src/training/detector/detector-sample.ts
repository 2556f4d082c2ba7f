import type { BoundingBox, Landmarks } from '../../core/faces/landmarks.js';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** One training image with its faces. */
export interface DetectorSample {
  /** `sidePixels` x `sidePixels`, 8-bit RGB. */
  readonly image: RgbImage;
  /** In pixels of the image. */
  readonly faces: readonly LabelledFace[];
}

/** A face of a training image. Coordinates start at the image's border, so the centre of its first pixel is (0.5, 0.5). */
export interface LabelledFace {
  /** The visible part of the face's box: within the image. */
  readonly box: BoundingBox;
  /** They may lie beyond the image by a little. Where they are absent, no loss is asked for them. */
  readonly landmarks?: Landmarks;
  /**
   * Neither face nor background (seen by one detector alone, too small, hidden, or turned between 60° and 100°):
   * anchors on it take no part.
   */
  readonly ignored: boolean;
}

/**
 * Training images without end. The same seed and index give the same sample, in every thread and in any order.
 */
export interface DetectorSampleSource {
  sample(seed: number, index: number): Promise<DetectorSample>;
}
