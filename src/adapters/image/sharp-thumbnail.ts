import sharp from 'sharp';
import { Failure } from '../../domain/failure.js';

const sidePixels = 160;
const maximumPixels = 100_000_000;
const jpegQuality = 80;

/** A JPEG of at most 160 pixels a side, upright and without metadata. @throws Failure IMAGE_UNREADABLE */
export async function sharpThumbnail(encoded: Uint8Array): Promise<Uint8Array> {
  try {
    return await sharp(encoded, { limitInputPixels: maximumPixels, failOn: 'error' })
      .rotate()
      .resize(sidePixels, sidePixels, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: jpegQuality })
      .toBuffer();
  } catch (cause) {
    throw new Failure('IMAGE_UNREADABLE', 'The image cannot be decoded.', {}, [], { cause });
  }
}
