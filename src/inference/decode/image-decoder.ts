import type { RgbImage } from '../../core/images/rgb-image.js';

/** Turns untrusted encoded bytes into pixels. */
export interface ImageDecoder {
  /**
   * Decodes the first frame, applies the EXIF orientation and converts to 8-bit sRGB without alpha.
   * @throws Failure IMAGE_EMPTY, IMAGE_UNREADABLE, IMAGE_FORMAT_UNSUPPORTED or IMAGE_TOO_LARGE
   */
  decode(encoded: Uint8Array): Promise<RgbImage>;
}
