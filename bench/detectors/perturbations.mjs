/** Copies of a photograph that show the same: moved by a pixel, scaled, compressed. */
import { resizeImage } from '../../dist/core/images/resize.js';
import { recompressed } from './camera-pictures.mjs';

const SHIFTS = [0, 1, 2];
const SCALES = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3];
const QUALITIES = [30, 40, 50, 60, 70, 80, 90];

/** Kind -> copies of the image, each with the way back: a point of the copy as a point of the image. */
export const perturbations = {
  'shift by a pixel': (image) =>
    SHIFTS.flatMap((x) =>
      SHIFTS.map((y) => ({
        image: part(image, x, y, image.width - 2, image.height - 2),
        back: (point) => ({ x: point.x + x, y: point.y + y }),
      })),
    ),
  'scale 0.7 to 1.3': (image) => SCALES.map((scale) => scaled(image, scale)),
  'JPEG 30 to 90': async (image) =>
    Promise.all(
      QUALITIES.map(async (quality) => ({
        image: await recompressed(image, quality),
        back: (point) => point,
      })),
    ),
};

function part(image, left, top, width, height) {
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * 3;
    pixels.set(image.pixels.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, pixels };
}

/** Whole coordinates are pixel centres. */
function scaled(image, scale) {
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  return {
    image: resizeImage(image, width, height),
    back: ({ x, y }) => ({
      x: ((x + 0.5) * image.width) / width - 0.5,
      y: ((y + 0.5) * image.height) / height - 0.5,
    }),
  };
}
