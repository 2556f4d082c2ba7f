import type { RgbImage } from '../../domain/image/rgb-image.js';

export interface ImageEncoder {
  /** Lossless PNG. */
  encodePng(image: RgbImage): Promise<Uint8Array>;
}
