import type { RgbImage } from './rgb-image.js';

/** The mirror image: left and right change places. A point at x lies at `width - 1 - x` in it. */
export function mirror({ width, height, pixels }: RgbImage): RgbImage {
  const mirrored = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const source = (row + width - 1 - x) * 3;
      const target = (row + x) * 3;
      mirrored[target] = pixels[source] ?? 0;
      mirrored[target + 1] = pixels[source + 1] ?? 0;
      mirrored[target + 2] = pixels[source + 2] ?? 0;
    }
  }
  return { width, height, pixels: mirrored };
}
