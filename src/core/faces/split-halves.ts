import type { RgbImage } from '../images/rgb-image.js';

/** The two halves of a face, each of the whole crop's size, black where there is no face. */
export interface FaceHalves {
  readonly left: RgbImage;
  readonly right: RgbImage;
}

/**
 * 3PSS split (SymFace section 3.1.2): columns up to the nose are the left half, the rest the right half; each is
 * padded with black, before normalisation, to the crop's size with the half in the middle.
 *
 * Whole coordinates are pixel centres, so column c is left where `c <= noseX`: `floor(noseX) + 1` columns, held to
 * 0..width. Where the padding is odd, the spare column is on the nose's side of each half. With both rules the left
 * half of a mirrored crop is the mirrored right half (unless the nose is exactly on a column, which stays left).
 *
 * @param noseX n_x in pixels of the crop; a nose outside it leaves one half empty
 * @throws RangeError where noseX is not a finite number
 */
export function splitHalves(crop: RgbImage, noseX: number): FaceHalves {
  if (!Number.isFinite(noseX)) throw new RangeError('the nose must have a finite x coordinate');
  const { width } = crop;
  const leftWidth = Math.min(Math.max(Math.floor(noseX) + 1, 0), width);
  const rightWidth = width - leftWidth;
  return {
    left: placeColumns(crop, 0, leftWidth, Math.floor((width - leftWidth) / 2)),
    right: placeColumns(crop, leftWidth, rightWidth, Math.ceil((width - rightWidth) / 2)),
  };
}

/** A black image of the crop's size with `count` of its columns, from `first` on, moved to column `target`. */
function placeColumns(crop: RgbImage, first: number, count: number, target: number): RgbImage {
  const { width, height } = crop;
  const pixels = new Uint8Array(crop.pixels.length);
  for (let y = 0; y < height; y++) {
    const start = (y * width + first) * 3;
    pixels.set(crop.pixels.subarray(start, start + count * 3), (y * width + target) * 3);
  }
  return { width, height, pixels };
}
