import type { RgbImage } from '../../src/core/images/rgb-image.js';

const side = 112;

/** What made-up photographs are of. */
interface NoisyPhotographs {
  readonly persons: number;
  /** Photographs of each. */
  readonly each: number;
  /** Grey levels from the least to the greatest. */
  readonly noise: number;
  /** So many squares across tell persons apart. */
  readonly cells: number;
}

/**
 * Dark crops of 112x112, person after person: squares of a colour tell persons apart, and noise of single pixels differs between photographs.
 * @param uniform numbers of 0 to 1
 */
export function noisyPhotographs(
  uniform: () => number,
  { persons, each, noise, cells }: NoisyPhotographs,
): readonly RgbImage[] {
  return Array.from({ length: persons }, () => {
    const own = Array.from({ length: cells * cells * 3 }, () => uniform() - 0.5);
    return Array.from({ length: each }, () => ({
      ...{ width: side, height: side },
      pixels: Uint8Array.from({ length: side * side * 3 }, (_, at) => {
        const pixel = Math.floor(at / 3);
        const [row, column] = [Math.floor(pixel / side), pixel % side];
        const cell = Math.floor((row * cells) / side) * cells + Math.floor((column * cells) / side);
        return 60 + 80 * (own[3 * cell + (at % 3)] ?? 0) + noise * (uniform() - 0.5);
      }),
    }));
  }).flat();
}
