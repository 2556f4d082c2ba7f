import type { FaceAppearance } from '../faces/quality/expected-impostor-similarity.js';

/** What a face's quality is, as far as slices of a benchmark go by it. */
export interface SlicedQuality {
  /** Shorter side of the box in pixels of the photograph; undefined for aligned crops, which are all of one size. */
  readonly faceSizePixels: number | undefined;
  /** Variance of the Laplacian of the 112x112 crop's luma. */
  readonly sharpness: number;
  /** Turn to the side, either way; undefined for aligned crops, in which no landmarks were looked for. */
  readonly absoluteYawDegrees: number | undefined;
}

/** What was measured on one image in which a face was found. */
export interface MeasuredImage {
  /** Unit length. */
  readonly embedding: Float32Array;
  /** The length of the embedding before normalisation. */
  readonly embeddingNorm: number;
  /** Frontness ρ; undefined for aligned crops, in which no landmarks were looked for. */
  readonly rho: number | undefined;
  readonly quality: SlicedQuality;
  /** Undefined where nothing is calibrated by it. */
  readonly appearance: FaceAppearance | undefined;
}
