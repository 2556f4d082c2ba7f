import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** The least effort: twice as fast as the next one, for a seventh more bytes (docs/adr/0005). */
const webpEffort = 0;

/** Encodes pixels as an 8-bit RGB PNG, losslessly. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  return raw(image).png().toBuffer();
}

/** Encodes pixels as a lossless WebP, which takes a third of a PNG's bytes. */
export async function encodeWebp(image: RgbImage): Promise<Uint8Array> {
  return raw(image).webp({ lossless: true, effort: webpEffort }).toBuffer();
}

function raw({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
