import { describe, expect, it } from 'vitest';
import { splitHalves } from '../faces/split-halves.js';
import { centralColumns } from './central-columns.js';
import { mirror } from './mirror.js';
import type { RgbImage } from './rgb-image.js';

function pictureOf(width: number, height: number): RgbImage {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 37 + 11) % 256);
  return { width, height, pixels };
}

describe('mirror', () => {
  it('exchanges left and right, row by row', () => {
    const image = { width: 3, height: 2, pixels: Uint8Array.from({ length: 18 }, (_, index) => index) };
    expect([...mirror(image).pixels]).toEqual([6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11]);
    expect(mirror(mirror(image))).toEqual(image);
  });

  it.each([55.2, 40.7, 70.5])('makes the left half the mirrored right half (nose at %d)', (noseX) => {
    const face = pictureOf(112, 9);
    const mirrored = splitHalves(mirror(face), 111 - noseX);
    const { left, right } = splitHalves(face, noseX);
    expect(mirrored.left).toEqual(mirror(right));
    expect(mirrored.right).toEqual(mirror(left));
  });
});

describe('centralColumns', () => {
  it('cuts as much from both sides', () => {
    const image = pictureOf(112, 3);
    const middle = centralColumns(image, 96);
    expect([middle.width, middle.height]).toEqual([96, 3]);
    for (const [x, y] of [
      [0, 0],
      [95, 2],
    ] as const) {
      const [from, at] = [(y * 112 + x + 8) * 3, (y * 96 + x) * 3];
      expect(middle.pixels.slice(at, at + 3)).toEqual(image.pixels.slice(from, from + 3));
    }
    expect(centralColumns(image, 112)).toBe(image);
  });

  it.each([113, 95])('refuses %d of 112 columns', (width) => {
    expect(() => centralColumns(pictureOf(112, 1), width)).toThrow(RangeError);
  });
});
