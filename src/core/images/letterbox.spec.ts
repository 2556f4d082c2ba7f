import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxToImage, letterbox, letterboxImage, pointToImage, pointToInput } from './letterbox.js';
import type { RgbImage } from './rgb-image.js';

const length = fc.integer({ min: 1, max: 5000 });
const placement = fc.constantFrom('top-left' as const, 'centre' as const);

describe('letterbox', () => {
  it.each([
    [1280, 640, 640, 640, 0.5, 640, 320, 0, 160],
    [300, 600, 640, 640, 640 / 600, 320, 640, 160, 0],
    [100, 100, 320, 240, 2.4, 240, 240, 40, 0],
    [4844, 2022, 640, 640, 640 / 4844, 640, 267, 0, 186],
  ])(
    'fits %dx%d into %dx%d',
    (width, height, inputWidth, inputHeight, scale, fitW, fitH, offsetX, offsetY) => {
      const corner = letterbox(width, height, inputWidth, inputHeight);
      const resized = { scale, resizedWidth: fitW, resizedHeight: fitH };
      expect(corner).toMatchObject({ ...resized, offsetX: 0, offsetY: 0 });
      const centred = letterbox(width, height, inputWidth, inputHeight, 'centre');
      expect(centred).toMatchObject({ ...resized, offsetX, offsetY });
    },
  );

  it('never leaves the input, and keeps a pixel of the thinnest image', () => {
    fc.assert(
      fc.property(length, length, length, length, placement, (w, h, inputW, inputH, where) => {
        const fit = letterbox(w, h, inputW, inputH, where);
        expect(fit.resizedWidth).toBeGreaterThan(0);
        expect(fit.resizedHeight).toBeGreaterThan(0);
        expect(fit.offsetX + fit.resizedWidth).toBeLessThanOrEqual(inputW);
        expect(fit.offsetY + fit.resizedHeight).toBeLessThanOrEqual(inputH);
        expect(fit.resizedWidth === inputW || fit.resizedHeight === inputH).toBe(true);
      }),
    );
  });

  it('maps points there and back, and the corners onto each other', () => {
    fc.assert(
      fc.property(length, length, placement, (width, height, where) => {
        const fit = letterbox(width, height, 640, 480, where);
        const point = { x: width * 0.3, y: height * 0.8 };
        const back = pointToImage(fit, pointToInput(fit, point));
        expect(back.x).toBeCloseTo(point.x, 6);
        expect(back.y).toBeCloseTo(point.y, 6);
        expect(pointToImage(fit, { x: fit.offsetX, y: fit.offsetY })).toEqual({ x: 0, y: 0 });
        const whole = boxToImage(fit, {
          x: fit.offsetX,
          y: fit.offsetY,
          width: fit.resizedWidth,
          height: fit.resizedHeight,
        });
        expect(whole).toEqual({ x: 0, y: 0, width, height });
      }),
    );
  });

  it.each([0, -1, Number.NaN])('rejects an image of width %d', (width) => {
    expect(() => letterbox(width, 10, 640, 640)).toThrow(RangeError);
  });
});

describe('letterboxImage', () => {
  const image: RgbImage = { width: 4, height: 2, pixels: new Uint8Array(4 * 2 * 3).fill(90) };

  it.each([
    ['top-left', [90, 90, 90, 0, 0, 0]],
    ['centre', [0, 90, 90, 90, 0, 0]],
  ] as const)('puts black around the image (%s)', (where, rows) => {
    const input = letterboxImage(image, letterbox(4, 2, 6, 6, where));
    expect([input.width, input.height]).toEqual([6, 6]);
    rows.forEach((value, y) => {
      expect([...input.pixels.subarray(y * 18, y * 18 + 18)]).toEqual(
        Array.from({ length: 18 }, () => value),
      );
    });
  });

  it('puts an image that is too tall in the middle columns', () => {
    const tall: RgbImage = { width: 2, height: 4, pixels: new Uint8Array(24).fill(50) };
    const input = letterboxImage(tall, letterbox(2, 4, 4, 4, 'centre'));
    for (let y = 0; y < 4; y++) {
      const row = [...input.pixels.subarray(y * 12, y * 12 + 12)];
      expect(row).toEqual([0, 0, 0, 50, 50, 50, 50, 50, 50, 0, 0, 0]);
    }
  });
});
