import type { RgbImage } from '../../core/images/rgb-image.js';

export interface ImageEncoder {
  /** Lossless PNG. */
  encodePng(image: RgbImage): Promise<Uint8Array>;
  /** Lossless WebP: a third of a PNG's bytes. */
  encodeWebp(image: RgbImage): Promise<Uint8Array>;
}
