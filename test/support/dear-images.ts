import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngOf } from './handmade-images.js';

/** A PNG of one colour: a few kilobytes for any number of pixels. */
export function plainPng(width: number, height: number): Buffer {
  return pngOf(width, height, deflateSync(Buffer.alloc((1 + width * 3) * height), { level: 9 }));
}

/** A TIFF of floats that is to be turned by 90 degrees, which takes all of it in memory at once. */
export async function turnedFloatTiff(side: number): Promise<Buffer> {
  const image = sharp({ create: { width: side, height: side, channels: 3, background: '#808080' } });
  return image
    .pipelineColourspace('scrgb')
    .toColourspace('scrgb')
    .withMetadata({ orientation: 6 })
    .tiff({ compression: 'deflate' })
    .toBuffer();
}

/** A photograph again and again beside and below itself. @param side of one face's picture, in pixels */
export async function collageOf(
  photograph: Buffer,
  columns: number,
  rows: number,
  side: number,
): Promise<Buffer> {
  const input = await sharp(photograph).resize(side, side, { fit: 'cover' }).png().toBuffer();
  return sharp({ create: { width: columns * side, height: rows * side, channels: 3, background: 'grey' } })
    .composite([{ input, tile: true, gravity: 'northwest' }])
    .jpeg({ quality: 90 })
    .toBuffer();
}
