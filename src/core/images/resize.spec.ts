import { describe, expect, it } from 'vitest';
import { resizeImage } from './resize.js';
import type { RgbImage } from './rgb-image.js';

function imageOf(width: number, height: number, colour: (x: number, y: number) => number[]): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(colour(x, y), (y * width + x) * 3);
  }
  return { width, height, pixels };
}

/** Every third byte: the red channel. */
const redOf = (image: RgbImage): number[] => [...image.pixels].filter((_, index) => index % 3 === 0);

describe('resizeImage', () => {
  it('averages whole blocks as computed by hand', () => {
    const image = imageOf(4, 2, (x, y) => [x * 10 + y * 100, 7, 255 - x]);
    // (0 + 10 + 100 + 110) / 4 and (20 + 30 + 120 + 130) / 4; (255 + 254) / 2 rounds up.
    expect([...resizeImage(image, 2, 1).pixels]).toEqual([55, 7, 255, 75, 7, 253]);
  });

  it('weighs pixels by how much of them is covered', () => {
    const image = imageOf(3, 1, (x) => [[30, 60, 90][x]!, 0, 0]);
    // Each result covers 1.5 pixels: (30 + 60 / 2) / 1.5 and (60 / 2 + 90) / 1.5.
    expect(redOf(resizeImage(image, 2, 1))).toEqual([40, 80]);
  });

  it('interpolates between pixel centres when it enlarges, and repeats the border', () => {
    const image = imageOf(2, 1, (x) => [x * 100, 0, 0]);
    expect(redOf(resizeImage(image, 4, 1))).toEqual([0, 25, 75, 100]);
    expect(redOf(resizeImage(image, 4, 2))).toEqual([0, 25, 75, 100, 0, 25, 75, 100]);
  });

  it('shrinks one axis while it enlarges the other', () => {
    const image = imageOf(4, 1, (x) => [x * 20, 0, 0]);
    expect(redOf(resizeImage(image, 2, 3))).toEqual([10, 50, 10, 50, 10, 50]);
  });

  it('copies an image that has the size already', () => {
    const image = imageOf(3, 2, (x, y) => [x, y, 9]);
    const copy = resizeImage(image, 3, 2);
    expect(copy).toEqual(image);
    expect(copy.pixels.buffer).not.toBe(image.pixels.buffer);
  });

  it.each([
    [97, 61, 31, 17],
    [1000, 3, 7, 3],
    [640, 480, 639, 479],
    [5, 5, 64, 33],
  ])(
    'keeps a flat %dx%d picture flat at %d x %d: the weights sum to 1',
    (width, height, toWidth, toHeight) => {
      const flat = resizeImage(
        imageOf(width, height, () => [255, 128, 1]),
        toWidth,
        toHeight,
      );
      expect([flat.width, flat.height]).toEqual([toWidth, toHeight]);
      expect(flat).toEqual(imageOf(toWidth, toHeight, () => [255, 128, 1]));
    },
  );

  it.each([0, -3, 1.5, Number.NaN])('rejects the width %d', (width) => {
    expect(() =>
      resizeImage(
        imageOf(2, 2, () => [0, 0, 0]),
        width,
        2,
      ),
    ).toThrow(RangeError);
  });
});
