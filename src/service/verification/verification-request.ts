import type { QualityRequirement } from './embedded-face.js';
import type { RequestedThreshold } from '../../core/verification/threshold.js';
import type { ImageKind } from '../../inference/analyser/face-analysis.js';

export interface VerificationImage {
  readonly encoded: Uint8Array;
  readonly kind: ImageKind;
}

/** A face as its embedding, which whoever sent it answers for. */
export interface TrustedEmbedding {
  /** Unit length. */
  readonly values: Float32Array;
  readonly modelVersion: string;
}

/** What is looked for: a face of an image, or an embedding that was made elsewhere. */
export type Probe = VerificationImage | TrustedEmbedding;

export interface VerificationPair {
  readonly imageA: VerificationImage;
  readonly imageB: VerificationImage;
}

export interface VerificationOptions {
  /**
   * The face of each image that counts; verification compares one face with one face, so `all` is no choice.
   */
  readonly selection: 'exactly-one' | 'largest';
  /** The threshold that was asked for; the model version's own where none was. */
  readonly threshold: RequestedThreshold;
  readonly quality: QualityRequirement;
}
