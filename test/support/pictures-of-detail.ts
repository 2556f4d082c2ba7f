import type { RgbImage } from '../../src/core/images/rgb-image.js';
import { standardNormal, uniformGenerator } from '../../src/core/random/seeded-random.js';

const pictureSide = 112;

/**
 * A grey picture of 112x112 that could be one of fewer pixels: a sum of cosines of random strength below that frequency along
 * both axes, the weaker the finer, as photographs have them.
 */
export function coarsePicture(side: number, seed = 1): RgbImage {
  const uniform = uniformGenerator(seed);
  const strengths = Float64Array.from(
    { length: side * side },
    (_, index) => standardNormal(uniform) / (1 + Math.max(index % side, Math.floor(index / side))),
  );
  const cosine = (frequency: number, place: number) =>
    Math.cos((Math.PI * frequency * (place + 0.5)) / pictureSide);
  const columns = Array.from({ length: side }, (_, v) =>
    Float64Array.from({ length: pictureSide }, (_, x) => {
      let sum = 0;
      for (let u = 0; u < side; u++) sum += strengths[v * side + u]! * cosine(u, x);
      return sum;
    }),
  );
  const pixels = new Uint8ClampedArray(pictureSide ** 2 * 3);
  for (let index = 0; index < pictureSide ** 2; index++) {
    const [x, y] = [index % pictureSide, Math.floor(index / pictureSide)];
    const sum = columns.reduce((total, column, v) => total + column[x]! * cosine(v, y), 0);
    pixels.fill(128 + 20 * sum, 3 * index, 3 * index + 3);
  }
  return { width: pictureSide, height: pictureSide, pixels: new Uint8Array(pixels.buffer) };
}

/** The picture with grey noise. */
export function noisyPicture({ width, height, pixels }: RgbImage, deviation: number): RgbImage {
  const uniform = uniformGenerator(9);
  const changed = new Uint8ClampedArray(pixels);
  for (let index = 0; index < changed.length; index += 3) {
    const noise = deviation * standardNormal(uniform);
    for (let channel = index; channel < index + 3; channel++)
      changed[channel] = (pixels[channel] ?? 0) + noise;
  }
  return { width, height, pixels: new Uint8Array(changed.buffer) };
}
