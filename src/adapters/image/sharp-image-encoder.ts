import sharp, { type Sharp } from 'sharp';
import type { ImageEncoder } from '../../application/ports/image-encoder.js';
import type { RgbImage } from '../../domain/image/rgb-image.js';

const jpegQuality = 95;

/** Encodes pixels as an 8-bit RGB PNG, losslessly. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  return raw(image).png().toBuffer();
}

async function encodeJpeg(image: RgbImage): Promise<Uint8Array> {
  return raw(image).jpeg({ quality: jpegQuality, chromaSubsampling: '4:4:4' }).toBuffer();
}

function raw({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Encoding with libvips, behind the port. */
export function createImageEncoder(): ImageEncoder {
  return { encodePng, encodeJpeg };
}
