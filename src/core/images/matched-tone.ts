import { standardNormal } from '../random/seeded-random.js';
import { lumaOf } from './luma.js';
import { measurePicture, type PictureMeasures } from './picture-measures.js';
import type { RgbImage } from './rgb-image.js';

/** More would show what a dark picture does not hold: its noise. */
const greatestGain = 2;

/**
 * Moves a picture's luma to the mean and the deviation of another one, takes away colour where that one has less, and adds
 * noise, grey as luma's, where it has more. What has no contrast gets none; clipping keeps some pictures from getting there.
 * @param uniform numbers on [0, 1) for the noise
 */
export function matchedTone(image: RgbImage, target: PictureMeasures, uniform: () => number): RgbImage {
  const { width, height, pixels } = image;
  const own = measurePicture(image);
  const gain = Math.min(greatestGain, ratio(target.contrast, own.contrast));
  const saturation = Math.min(1, ratio(target.colour, gain * own.colour));
  const deviation = Math.sqrt(Math.max(0, target.noise ** 2 - (gain * own.noise) ** 2));
  const changed = new Uint8ClampedArray(pixels.length);
  for (const [pixel, luma] of lumaOf(image).entries()) {
    const noise = deviation === 0 ? 0 : deviation * standardNormal(uniform);
    for (let index = 3 * pixel; index < 3 * pixel + 3; index++) {
      const value = luma + saturation * ((pixels[index] ?? 0) - luma);
      changed[index] = target.brightness + gain * (value - own.brightness) + noise;
    }
  }
  return { width, height, pixels: new Uint8Array(changed.buffer) };
}

/** 1 where there is nothing to be multiplied. */
function ratio(target: number, own: number): number {
  return own > 0 ? target / own : 1;
}
