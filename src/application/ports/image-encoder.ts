import type { RgbImage } from '../../domain/image/rgb-image.js';

export interface ImageEncoder {
  /** Lossless PNG. */
  encodePng(image: RgbImage): Promise<Uint8Array>;
  /** JPEG without chroma subsampling, of a quality that embeddings do not notice. */
  encodeJpeg(image: RgbImage): Promise<Uint8Array>;
}
