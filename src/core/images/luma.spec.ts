import { describe, expect, it } from 'vitest';
import { laplacianVariance, lumaOf, meanLuma } from './luma.js';

describe('lumaOf and meanLuma', () => {
  it('weighs red, green and blue as BT.601', () => {
    const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
    const luma = lumaOf({ width: 4, height: 1, pixels });
    const expected = [76.245, 149.685, 29.07, 255];
    expected.forEach((value, index) => {
      expect(luma[index]).toBeCloseTo(value, 3);
    });
    expect(meanLuma(luma)).toBeCloseTo(127.5, 3);
  });

  it('is 0 for an image without pixels', () => {
    expect(meanLuma(new Float32Array())).toBe(0);
  });
});

describe('laplacianVariance', () => {
  it('is computed over pixels with four neighbours', () => {
    // Two inner pixels: 1 + 2 + 3 + 4 - 4 * 5 = -10 and 5 + 6 + 7 + 8 - 4 * 3 = 14, variance 12^2.
    const luma = Float32Array.of(
      ...[9, 1, 6, 9], // above
      ...[2, 5, 3, 7], // inner pixels 5 and 3
      ...[9, 4, 8, 9], // below
    );
    // For 3 the left neighbour is 5 and the right one 7; for 5 the left is 2 and the right 3.
    expect(laplacianVariance(luma, 4)).toBe(144);
  });

  it('is 0 for a flat image, for an even slope, and without inner pixels', () => {
    const flat = Float32Array.from({ length: 64 }, () => 90);
    const slope = Float32Array.from({ length: 64 }, (_, index) => (index % 8) * 3 + Math.floor(index / 8));
    expect(laplacianVariance(flat, 8)).toBe(0);
    expect(laplacianVariance(slope, 8)).toBe(0);
    expect(laplacianVariance(Float32Array.of(1, 9, 4, 7), 2)).toBe(0);
  });

  it('falls as a picture is blurred', () => {
    const size = 32;
    const sharp = Float32Array.from({ length: size * size }, (_, index) => (index % 8 < 4 ? 40 : 200));
    const blurred = sharp.map(
      (value, index) => ((sharp[index - 1] ?? value) + value + (sharp[index + 1] ?? value)) / 3,
    );
    expect(laplacianVariance(blurred, size)).toBeLessThan(0.5 * laplacianVariance(sharp, size));
    expect(laplacianVariance(blurred, size)).toBeGreaterThan(0);
  });
});
