import sharp from 'sharp';
import type { ImageEncoder } from '../../application/ports/image-encoder.js';
import type { RgbImage } from '../../domain/image/rgb-image.js';

/** Encodes pixels as an 8-bit RGB PNG, losslessly. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  const { width, height, pixels } = image;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** {@link encodePng} behind the port. */
export function createPngEncoder(): ImageEncoder {
  return { encodePng };
}
