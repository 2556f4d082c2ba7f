/** Pictures of no one, as JPEG: soft spots of random colours, so that they take as long to decode as photographs of their size. */
import sharp from 'sharp';

import { uniformGenerator } from '../../dist/core/random/seeded-random.js';

const gridSide = 14;

/** @param side pixels @param quality of the JPEG: 90 makes some 4 KB of 112x112, 20 less than 1 KB */
export async function drawnPictures(count, side, quality = 90) {
  const uniform = uniformGenerator(1);
  const raw = /** @type {const} */ ({ width: gridSide, height: gridSide, channels: 3 });
  const pictures = [];
  for (let number = 0; number < count; number++) {
    const spots = Uint8Array.from({ length: gridSide * gridSide * 3 }, () => 256 * uniform());
    pictures.push(
      await sharp(spots, { raw }).resize(side, side, { kernel: 'cubic' }).jpeg({ quality }).toBuffer(),
    );
  }
  return pictures;
}
