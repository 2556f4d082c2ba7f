import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../images/rgb-image.js';
import { cropDescriptionLength, describeCrop } from './crop-description.js';

/** Numbers of one cell: edges at three sizes, red, green, blue, contrast, four directions. */
const perCell = 11;

function crop(colour: (x: number, y: number) => readonly [number, number, number]): RgbImage {
  const pixels = new Uint8Array(112 * 112 * 3);
  for (let y = 0; y < 112; y++) for (let x = 0; x < 112; x++) pixels.set(colour(x, y), (y * 112 + x) * 3);
  return { width: 112, height: 112, pixels };
}

function cell(description: Float32Array, column: number, row: number): readonly number[] {
  const start = (row * 7 + column) * perCell;
  return [...description.subarray(start, start + perCell)];
}

describe('describeCrop', () => {
  it('says of a plain crop its colour alone', () => {
    const description = describeCrop(crop(() => [255, 51, 0]));
    expect(description).toHaveLength(cropDescriptionLength);
    const [fine, half, quarter, red, green, blue, contrast, ...directions] = cell(description, 3, 3);
    expect([fine, half, quarter, ...directions].every((value) => Math.abs(value ?? 1) < 1e-6)).toBe(true);
    expect(red).toBeCloseTo(1, 5);
    expect(green).toBeCloseTo(0.2, 5);
    expect(blue).toBe(0);
    // A difference of squares of 32-bit numbers: the rest of it is rounding.
    expect(contrast).toBeLessThan(1e-2);
  });

  it('sees the one upright edge of a cell at every size, in the bin of its direction', () => {
    // Black left of x = 56, white from there on: in the middle of the cells of column 3 (48 to 63).
    const description = describeCrop(crop((x) => (x < 56 ? [0, 0, 0] : [255, 255, 255])));
    const [fine, half, quarter, , , , contrast, ...directions] = cell(description, 3, 3);
    // 16 rows with one step of 255 in 256 pixels; 8 in 64 and 4 in 16 at half and quarter size.
    expect(fine).toBeCloseTo(Math.log1p((16 * 255) / 256) / 4, 5);
    expect(half).toBeCloseTo(Math.log1p((8 * 255) / 64) / 4, 5);
    expect(quarter).toBeCloseTo(Math.log1p((4 * 255) / 16) / 4, 5);
    // Half black, half white: a standard deviation of 127.5.
    expect(contrast).toBeCloseTo(Math.log1p(127.5) / 5, 4);
    expect(directions[0]).toBeCloseTo((8 * 255) / (8 * 255 + 64), 5);
    expect(directions.slice(1)).toEqual([0, 0, 0]);
    expect(cell(description, 2, 3).slice(0, 3)).toEqual([0, 0, 0]);
  });

  it('sees fine stripes at full size only', () => {
    const description = describeCrop(crop((x) => (x % 2 === 0 ? [0, 0, 0] : [200, 200, 200])));
    const [fine, half, quarter] = cell(description, 1, 1);
    expect(fine).toBeCloseTo(Math.log1p(200) / 4, 4);
    expect(half).toBeLessThan(1e-4);
    expect(quarter).toBeLessThan(1e-4);
  });

  it('refuses crops of another size', () => {
    expect(() => describeCrop({ width: 56, height: 112, pixels: new Uint8Array(56 * 112 * 3) })).toThrow(
      RangeError,
    );
  });
});
