import sharp, { type Sharp } from 'sharp';
import { expect } from 'vitest';
import type { RgbImage } from '../../src/core/images/rgb-image.js';

export type Colour = readonly [number, number, number];
export const red: Colour = [230, 20, 30];
export const green: Colour = [20, 200, 40];
export const blue: Colour = [30, 40, 220];
export const grey: Colour = [120, 120, 120];

/** 48 x 32: red, green over blue, grey quadrants of 24 x 16, so that any turn or mirroring shows. */
export function quadrants(): RgbImage {
  const [width, height] = [48, 32];
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = y < 16 ? (x < 24 ? red : green) : x < 24 ? blue : grey;
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return { width, height, pixels };
}

export function asSharp({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Photograph-like: every format needs many bytes for it. */
export function noise(width: number, height: number): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  let state = 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return { width, height, pixels };
}

export function colourAt(image: RgbImage, x: number, y: number): Colour {
  const start = (y * image.width + x) * 3;
  return [image.pixels[start]!, image.pixels[start + 1]!, image.pixels[start + 2]!];
}

export function expectColour(actual: Colour, expected: Colour, tolerance: number): void {
  actual.forEach((value, channel) => {
    expect(
      Math.abs(value - expected[channel]!),
      `${actual.join()} for ${expected.join()}`,
    ).toBeLessThanOrEqual(tolerance);
  });
}

export function expectQuadrants(image: RgbImage, tolerance: number): void {
  expect([image.width, image.height]).toEqual([48, 32]);
  expect(image.pixels).toHaveLength(48 * 32 * 3);
  expectColour(colourAt(image, 8, 6), red, tolerance);
  expectColour(colourAt(image, 40, 6), green, tolerance);
  expectColour(colourAt(image, 8, 26), blue, tolerance);
  expectColour(colourAt(image, 40, 26), grey, tolerance);
}
