import { describe, expect, it } from 'vitest';

import { coarsePicture, noisyPicture } from '../../../test/support/pictures-of-detail.js';
import { measurePicture, sideOfDetail } from './picture-measures.js';
import type { RgbImage } from './rgb-image.js';

/** Two columns of each colour, in turn. */
function striped(first: readonly number[], second: readonly number[]): RgbImage {
  const [width, height] = [32, 24];
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => ((Math.floor(index / 3) % width) & 2 ? second : first)[index % 3]!,
  );
  return { width, height, pixels };
}

describe('measurePicture', () => {
  it('has the mean and the deviation of luma', () => {
    const { brightness, contrast } = measurePicture(striped([100, 100, 100], [160, 160, 160]));
    expect(brightness).toBeCloseTo(130, 2);
    expect(contrast).toBeCloseTo(30, 2);
  });

  it('has how far colours are from grey', () => {
    expect(measurePicture(striped([90, 90, 90], [30, 30, 30])).colour).toBeCloseTo(0, 4);
    // Luma 0.299 · 200 + 0.114 · 100 = 71.2, from which 200, 0 and 100 are 128.8, 71.2 and 28.8 away.
    const { colour } = measurePicture(striped([200, 0, 100], [200, 0, 100]));
    expect(colour).toBeCloseTo(Math.sqrt((128.8 ** 2 + 71.2 ** 2 + 28.8 ** 2) / 3), 2);
  });

  it.each([12, 20, 40])('finds how many pixels a picture was made of (%d)', (side) => {
    const { detailPixels } = measurePicture(coarsePicture(side));
    expect(detailPixels).toBeGreaterThan(0.8 * side);
    expect(detailPixels).toBeLessThanOrEqual(side);
  });

  it('finds the noise, which is no detail', () => {
    const quiet = coarsePicture(20);
    for (const deviation of [4, 8]) {
      const { noise, detailPixels } = measurePicture(noisyPicture(quiet, deviation));
      expect(noise).toBeGreaterThan(0.9 * deviation);
      expect(noise).toBeLessThan(1.1 * deviation);
      expect(Math.abs(detailPixels - measurePicture(quiet).detailPixels)).toBeLessThanOrEqual(2);
    }
    expect(measurePicture(quiet).noise).toBeLessThan(0.5);
  });

  it('does not depend on brightness or contrast where it says detail', () => {
    const picture = coarsePicture(30);
    const pixels = picture.pixels.map((value) => 40 + value / 2);
    expect(measurePicture({ ...picture, pixels }).detailPixels).toBe(measurePicture(picture).detailPixels);
  });

  it('has no detail, contrast or noise in a plain picture', () => {
    const plain = measurePicture(striped([70, 70, 70], [70, 70, 70]));
    expect(plain).toMatchObject({ brightness: expect.closeTo(70, 3) as number, detailPixels: 1 });
    expect(plain.contrast).toBeCloseTo(0, 2);
    expect(plain.noise).toBeCloseTo(0, 2);
  });
});

describe('sideOfDetail', () => {
  it('is nothing where a picture shows no more already', () => {
    const picture = coarsePicture(20);
    expect(sideOfDetail(picture, measurePicture(picture).detailPixels)).toBeUndefined();
    expect(sideOfDetail(picture, 112)).toBeUndefined();
  });

  it('is the side at which a picture that holds no more has so much detail', () => {
    const picture = coarsePicture(60);
    const side = sideOfDetail(picture, 18)!;
    expect(side).toBeGreaterThanOrEqual(18);
    expect(side).toBeLessThan(60);
    // Coarse pictures of that kind are made of the side itself.
    expect(Math.abs(measurePicture(coarsePicture(side)).detailPixels - 18)).toBeLessThanOrEqual(2);
  });
});
