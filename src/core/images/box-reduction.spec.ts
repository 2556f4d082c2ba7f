import { describe, expect, it } from 'vitest';
import { reduceRegion } from './box-reduction.js';
import type { RgbImage } from './rgb-image.js';

/** 4 x 4; red is 10 times the column plus the row. */
const image: RgbImage = {
  width: 4,
  height: 4,
  pixels: Uint8Array.from({ length: 48 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return [10 * (pixel % 4) + Math.floor(pixel / 4), 200, pixel][index % 3]!;
  }),
};

const redOf = ({ pixels }: RgbImage): number[] => [...pixels].filter((_, index) => index % 3 === 0);

describe('reduceRegion', () => {
  it('averages blocks of a region inside', () => {
    // Columns 1-2, rows 0-1 and 2-3: (10 + 20 + 11 + 21) / 4 = 15.5 and (12 + 22 + 13 + 23) / 4 = 17.5, rounded.
    const reduced = reduceRegion(image, { x: 1, y: 0, width: 2, height: 4 }, 2);
    expect([reduced.width, reduced.height]).toEqual([1, 2]);
    expect([...reduced.pixels]).toEqual([16, 200, 4, 18, 200, 12]);
  });

  it('counts pixels beyond each border as black', () => {
    const reduced = reduceRegion(image, { x: -1, y: -1, width: 6, height: 6 }, 3);
    // Four of each block's nine pixels are in the image: 22 / 9, 102 / 9, 30 / 9 and 110 / 9.
    expect(redOf(reduced)).toEqual([2, 11, 3, 12]);
    expect([...reduced.pixels].filter((_, index) => index % 3 === 1)).toEqual([89, 89, 89, 89]);
  });

  it('is black outside, and copies with factor 1', () => {
    expect(redOf(reduceRegion(image, { x: 40, y: -9, width: 2, height: 2 }, 2))).toEqual([0]);
    expect(reduceRegion(image, { x: 0, y: 0, width: 4, height: 4 }, 1)).toEqual(image);
  });
});
