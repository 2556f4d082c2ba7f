import type { RgbImage } from '../images/rgb-image.js';

/**
 * What the other side of a half is: `padded`, black with the half moved to the middle, as in the paper; `mirrored`, the
 * half's mirror image with the half where it was, which is a whole face that a network has some use for.
 */
export type HalfStyle = 'padded' | 'mirrored';

/** The styles by name. */
export const HALF_STYLES = ['padded', 'mirrored'] as const satisfies readonly HalfStyle[];

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
 * A half that is mirrored stays where it is, and column c of the other side is column 2L - 1 - c, L being the number of
 * left columns; where the half is too narrow for that, it is black.
 *
 * @param noseX n_x in pixels of the crop; a nose outside it leaves one half empty
 * @param style default: padded
 * @throws RangeError where noseX is not a finite number
 */
export function splitHalves(crop: RgbImage, noseX: number, style: HalfStyle = 'padded'): FaceHalves {
  if (!Number.isFinite(noseX)) throw new RangeError('the nose must have a finite x coordinate');
  const { width } = crop;
  const leftWidth = Math.min(Math.max(Math.floor(noseX) + 1, 0), width);
  if (style === 'mirrored')
    return {
      left: completed(crop, leftWidth, (column) => column < leftWidth),
      right: completed(crop, leftWidth, (column) => column >= leftWidth),
    };
  const rightWidth = width - leftWidth;
  return {
    left: placeColumns(crop, 0, leftWidth, Math.floor((width - leftWidth) / 2)),
    right: placeColumns(crop, leftWidth, rightWidth, Math.ceil((width - rightWidth) / 2)),
  };
}

/** The columns that are the half's, and in the others their mirror image at the split. */
function completed(crop: RgbImage, leftWidth: number, isOfHalf: (column: number) => boolean): RgbImage {
  const { width, height } = crop;
  const pixels = new Uint8Array(crop.pixels.length);
  for (let column = 0; column < width; column++) {
    const source = isOfHalf(column) ? column : 2 * leftWidth - 1 - column;
    if (source < 0 || source >= width) continue;
    for (let y = 0; y < height; y++) {
      const start = (y * width + source) * 3;
      pixels.set(crop.pixels.subarray(start, start + 3), (y * width + column) * 3);
    }
  }
  return { width, height, pixels };
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
