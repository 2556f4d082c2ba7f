import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../random/seeded-random.js';
import { drawAugmentation, jitter, keepOnly, type PhotometricJitter, withNoise } from './augmentation.js';
import type { RgbImage } from './rgb-image.js';

const always = { crop: 1, lowResolution: 1, photometric: 1 };
const size = { width: 112, height: 96 };

/** Two pixels: lumas 150 and 50. */
const image: RgbImage = { width: 2, height: 1, pixels: Uint8Array.of(150, 150, 150, 50, 50, 50) };
const coloured: RgbImage = { width: 1, height: 1, pixels: Uint8Array.of(200, 100, 0) };
const unchanged: PhotometricJitter = { brightness: 1, contrast: 1, saturation: 1, order: [] };

describe('drawAugmentation', () => {
  it('stays within the ranges of AdaFace', () => {
    const uniform = uniformGenerator(1);
    for (let face = 0; face < 2000; face++) {
      const { kept, lowResolution, photometric } = drawAugmentation(always, size, uniform);
      const { left, top, width, height } = kept!;
      expect(left >= 0 && top >= 0 && left + width <= 112 && top + height <= 96).toBe(true);
      expect(width * height).toBeGreaterThan(0.18 * 112 * 96);
      expect(lowResolution!.width / 112).toBeGreaterThan(0.195);
      expect(lowResolution!.height).toBeLessThanOrEqual(96);
      for (const factor of [photometric!.brightness, photometric!.contrast, photometric!.saturation])
        expect(factor >= 0.5 && factor <= 1.5).toBe(true);
      expect([...photometric!.order].sort()).toEqual(['brightness', 'contrast', 'saturation']);
    }
  });

  it('does each as often as it is told, and each alone', () => {
    const uniform = uniformGenerator(2);
    const drawn = Array.from({ length: 5000 }, () =>
      drawAugmentation({ crop: 0.2, lowResolution: 0.5, photometric: 0 }, size, uniform),
    );
    const share = (has: (one: (typeof drawn)[number]) => boolean) => drawn.filter(has).length / drawn.length;
    expect(share(({ kept }) => kept !== undefined)).toBeCloseTo(0.2, 1);
    expect(share(({ lowResolution }) => lowResolution !== undefined)).toBeCloseTo(0.5, 1);
    expect(share(({ kept, lowResolution }) => kept !== undefined && lowResolution !== undefined)).toBeCloseTo(
      0.1,
      1,
    );
    expect(share(({ photometric }) => photometric !== undefined)).toBe(0);
  });

  it('is the same for the same numbers', () => {
    const [first, again] = [1, 2].map(() => drawAugmentation(always, size, uniformGenerator(7)));
    expect(again).toEqual(first);
  });
});

describe('a bad camera', () => {
  const camera = { crop: 0.2, lowResolution: 0.5, photometric: 0.3, camera: 1 };

  it('makes faces small, noisy and JPEGs, within its ranges', () => {
    const uniform = uniformGenerator(3);
    for (let face = 0; face < 2000; face++) {
      const { size: small, noiseDeviation, jpegQuality } = drawAugmentation(camera, size, uniform).camera!;
      expect(small.width / 112).toBeGreaterThan(0.19);
      expect(small.width / 112).toBeLessThan(0.61);
      expect(noiseDeviation >= 0 && noiseDeviation <= 10).toBe(true);
      expect(jpegQuality >= 25 && jpegQuality <= 85).toBe(true);
    }
  });

  it('changes nothing of what else is drawn where there is none', () => {
    const without = drawAugmentation({ ...camera, camera: 0 }, size, uniformGenerator(5));
    expect(without).toEqual(
      drawAugmentation({ crop: 0.2, lowResolution: 0.5, photometric: 0.3 }, size, uniformGenerator(5)),
    );
    expect(drawAugmentation(camera, size, uniformGenerator(5))).toMatchObject(without);
  });

  it('has noise of the mean 0 and the deviation that is asked for', () => {
    const pixels = new Uint8Array(64 * 64 * 3).fill(120);
    const noisy = withNoise({ width: 64, height: 64, pixels }, 7, uniformGenerator(6)).pixels;
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const variance = noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length;
    expect(mean).toBeCloseTo(120, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(7, 0);
  });
});

describe('keepOnly', () => {
  it('leaves a part where it is', () => {
    const pixels = Uint8Array.from({ length: 4 * 3 * 3 }, (_, index) => index + 1);
    const kept = keepOnly({ width: 4, height: 3, pixels }, { left: 1, top: 1, width: 2, height: 1 });
    const expected = new Uint8Array(pixels.length);
    expected.set(pixels.subarray(15, 21), 15);
    expect(kept).toEqual({ width: 4, height: 3, pixels: expected });
  });
});

describe('jitter', () => {
  it.each([
    ['brightness', image, 0.5, [75, 75, 75, 25, 25, 25]],
    ['brightness', image, 2, [255, 255, 255, 100, 100, 100]],
    // The mean is 100.
    ['contrast', image, 0.5, [125, 125, 125, 75, 75, 75]],
    ['contrast', image, 1.5, [175, 175, 175, 25, 25, 25]],
    // Luma 0.299 · 200 + 0.587 · 100 = 118.5.
    ['saturation', coloured, 0.5, [159, 109, 59]],
    ['saturation', coloured, 1.5, [241, 91, 0]],
  ] as const)('changes %s', (step, given, factor, expected) => {
    const { pixels } = jitter(given, { ...unchanged, [step]: factor, order: [step] });
    expect([...pixels]).toEqual([...expected]);
  });

  it('applies them in order', () => {
    const both = { ...unchanged, brightness: 2, contrast: 0.5 };
    expect([...jitter(image, { ...both, order: ['brightness', 'contrast'] }).pixels.subarray(0, 1)]).toEqual([
      216,
    ]);
    expect([...jitter(image, { ...both, order: ['contrast', 'brightness'] }).pixels.subarray(0, 1)]).toEqual([
      250,
    ]);
  });

  it('leaves the image that it is given', () => {
    const before = [...image.pixels];
    jitter(image, { ...unchanged, brightness: 0.5, order: ['brightness'] });
    expect([...image.pixels]).toEqual(before);
  });
});

describe('looks of the site', () => {
  const options = { crop: 0.2, lowResolution: 0.5, photometric: 0.3, site: 0.4 };
  const look = { brightness: 90, contrast: 30, colour: 5, detailPixels: 30, noise: 1 };
  const profile = [look, { ...look, brightness: 120 }];

  it('are drawn as often as is said, each alike, and change nothing of what else is drawn', () => {
    const drawn = Array.from({ length: 4000 }, (_, seed) =>
      drawAugmentation(options, size, uniformGenerator(seed), profile),
    );
    const alike = drawn.flatMap(({ site }) => site ?? []);
    expect(alike.length / 4000).toBeCloseTo(0.4, 1);
    expect(alike.filter(({ target }) => target === look).length / alike.length).toBeCloseTo(0.5, 1);
    for (const [seed, one] of drawn.slice(0, 100).entries()) {
      const others = drawAugmentation({ ...options, site: 0 }, size, uniformGenerator(seed), profile);
      expect(one).toEqual(one.site === undefined ? others : { ...others, site: one.site });
    }
  });
});
