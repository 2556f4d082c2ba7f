import { describe, expect, it } from 'vitest';

import { pictureOf } from '../../../test/support/training-images.js';
import { coarsePicture } from '../../../test/support/pictures-of-detail.js';
import { uniformGenerator } from '../random/seeded-random.js';
import { matchedTone } from './matched-tone.js';
import { measurePicture } from './picture-measures.js';
import type { RgbImage } from './rgb-image.js';

const uniform = () => uniformGenerator(5);

/** Mean, deviation and the greatest difference of channels, by their definitions. */
function statistics({ pixels }: RgbImage): { mean: number; deviation: number; colour: number } {
  const lumas = Array.from({ length: pixels.length / 3 }, (_, index) => {
    const [red, green, blue] = pixels.subarray(3 * index, 3 * index + 3);
    return 0.299 * red! + 0.587 * green! + 0.114 * blue!;
  });
  const mean = lumas.reduce((sum, luma) => sum + luma, 0) / lumas.length;
  const variance = lumas.reduce((sum, luma) => sum + (luma - mean) ** 2, 0) / lumas.length;
  const spans = lumas.map(
    (_, index) =>
      Math.max(...pixels.subarray(3 * index, 3 * index + 3)) -
      Math.min(...pixels.subarray(3 * index, 3 * index + 3)),
  );
  return { mean, deviation: Math.sqrt(variance), colour: Math.max(...spans) };
}

describe('matchedTone', () => {
  const grey = coarsePicture(20);
  const own = measurePicture(grey);

  it('changes nothing where the target is the picture itself', () => {
    for (const picture of [grey, pictureOf(3)])
      expect(matchedTone(picture, measurePicture(picture), uniform())).toEqual(picture);
  });

  it('moves luma to the mean and the deviation of the target', () => {
    const { mean, deviation } = statistics(
      matchedTone(grey, { ...own, brightness: 90, contrast: 12 }, uniform()),
    );
    expect(mean).toBeCloseTo(90, 0);
    expect(deviation).toBeCloseTo(12, 0);
  });

  it('raises contrast to twice at most, or it would show noise', () => {
    const flat = matchedTone(grey, { ...own, contrast: 10 }, uniform());
    expect(statistics(matchedTone(flat, { ...own, contrast: 60 }, uniform())).deviation).toBeCloseTo(20, 0);
  });

  it('takes colour away, and adds none', () => {
    const coloured = pictureOf(3);
    const measures = measurePicture(coloured);
    expect(
      statistics(matchedTone(coloured, { ...measures, colour: 0 }, uniform())).colour,
    ).toBeLessThanOrEqual(1);
    expect(statistics(matchedTone(grey, { ...own, colour: 40 }, uniform())).colour).toBe(0);
  });

  it('adds as much noise as is missing, the same for the same numbers', () => {
    const noisy = matchedTone(grey, { ...own, noise: 6 }, uniform());
    const differences = noisy.pixels.map((value, index) => value - grey.pixels[index]! + 128);
    expect(statistics({ ...noisy, pixels: differences }).deviation).toBeCloseTo(6, 0);
    expect(statistics(noisy).colour).toBe(0);
    expect(matchedTone(grey, { ...own, noise: 6 }, uniform())).toEqual(noisy);
    // What is noisy already is left.
    expect(matchedTone(noisy, measurePicture(noisy), uniform())).toEqual(noisy);
  });

  it('gives no contrast to a plain picture', () => {
    const plain = { width: 16, height: 16, pixels: new Uint8Array(16 * 16 * 3).fill(50) };
    const { mean, deviation } = statistics(
      matchedTone(plain, { ...own, brightness: 80, noise: 0 }, uniform()),
    );
    expect([mean, deviation]).toEqual([expect.closeTo(80, 0), expect.closeTo(0, 1)]);
  });
});
