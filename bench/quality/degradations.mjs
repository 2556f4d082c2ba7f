/**
 * Photographs made worse, as cameras, light and people make them: low resolution, bad cameras, blur, darkness, noise, JPEG, masks,
 * sunglasses, covers, and some of these together. The same generator of random numbers gives the same bytes.
 */
import { withCover, withMask, withSunglasses } from './drawn-occlusions.mjs';
import { mapped, pipelineOf, pixelsOf, recompressed } from './pixels.mjs';
import { between, logBetween, standardNormal } from './random-numbers.mjs';

/** A blur of this many standard deviations hides as much as pixels of that size do. */
const deviationsPerPixel = 2.5;

/**
 * @typedef {object} Scene what is degraded
 * @property {{ width: number, height: number, pixels: Uint8Array }} image
 * @property {object} landmarks of its largest face, in its pixels
 * @property {number} facePixels the shorter side of that face's box
 * @property {() => number} uniform
 *
 * @typedef {object} Degraded
 * @property {{ width: number, height: number, pixels: Uint8Array }} image of the same size
 * @property {Record<string, number | string>} [parameters] what was drawn
 * @property {number} [detailPixels] the width of a face that holds as much detail; absent where it cannot be said
 * @property {{ mouth: number, nose: number, eyes: number }} [hidden] 1 for what was covered
 */

/** Kind -> (scene) => Promise<Degraded>. */
export const degradations = {
  sharp: async ({ image, facePixels }) => ({ image, detailPixels: facePixels }),
  low: async (scene) => {
    const { uniform } = scene;
    const pixels = logBetween(uniform, 9, 48);
    const noise = uniform() < 0.5 ? 8 * uniform() : 0;
    const quality = uniform() < 0.5 ? between(uniform, 35, 90) : undefined;
    return atResolution(scene, pixels, { noise, quality, kernel: uniform() < 0.7 ? 'cubic' : 'nearest' });
  },
  low22: async (scene) => atResolution(scene, 22),
  low13: async (scene) => atResolution(scene, 13),
  camera: async (scene) => atResolution(scene, 24.4, { noise: 7, quality: 40 }),
  blur: async ({ image, facePixels, uniform }) => {
    const deviation = logBetween(uniform, 0.008, 0.07);
    return {
      image: await pixelsOf(pipelineOf(image).blur(Math.max(0.3, facePixels * deviation))),
      parameters: { deviation },
      detailPixels: 1 / (deviationsPerPixel * deviation),
    };
  },
  motion: async ({ image, facePixels, uniform }) => {
    const length = between(uniform, 0.06, 0.3);
    return { image: await moved(image, facePixels * length, uniform), parameters: { length } };
  },
  dark: async ({ image, uniform }) => {
    const gain = logBetween(uniform, 0.03, 0.4);
    return { image: exposed(image, gain, between(uniform, 0, 6), uniform), parameters: { gain } };
  },
  bright: async ({ image, uniform }) => {
    const gain = between(uniform, 1.5, 3.5);
    return { image: exposed(image, gain, 0, uniform), parameters: { gain } };
  },
  noise: async ({ image, uniform }) => {
    const deviation = between(uniform, 10, 60);
    return { image: exposed(image, 1, deviation, uniform), parameters: { deviation } };
  },
  grey: async ({ image, uniform }) => {
    const contrast = between(uniform, 0.12, 0.6);
    const flat = flatGrey(image, contrast, between(uniform, -30, 60));
    return { image: exposed(flat, 1, 4 * uniform(), uniform), parameters: { contrast } };
  },
  jpeg: async ({ image, uniform }) => {
    const quality = between(uniform, 4, 25);
    return { image: await recompressed(image, quality), parameters: { quality } };
  },
  mask: async ({ image, landmarks, uniform }) => withMask(image, landmarks, uniform),
  glasses: async ({ image, landmarks, uniform }) => withSunglasses(image, landmarks, uniform),
  cover: async ({ image, landmarks, uniform }) => withCover(image, landmarks, uniform),
  masklow: async (scene) => {
    const { image, hidden } = await withMask(scene.image, scene.landmarks, scene.uniform);
    return { ...(await atResolution({ ...scene, image }, logBetween(scene.uniform, 14, 48))), hidden };
  },
  glassesmask: async ({ image, landmarks, uniform }) => {
    const masked = await withMask(image, landmarks, uniform);
    const both = await withSunglasses(masked.image, landmarks, uniform);
    return { image: both.image, hidden: { ...masked.hidden, eyes: 1 } };
  },
  darkmotion: async ({ image, facePixels, uniform }) => {
    const length = between(uniform, 0.04, 0.2);
    const gain = logBetween(uniform, 0.1, 0.5);
    const blurred = await moved(image, facePixels * length, uniform);
    return { image: exposed(blurred, gain, 4 * uniform(), uniform), parameters: { length, gain } };
  },
};

/**
 * The photograph as it would be with a face of so many pixels, enlarged again; as it is where the face has no more.
 * @param options noise in grey levels and JPEG's quality, both at the low resolution; the kernel that enlarges
 */
async function atResolution({ image, facePixels, uniform }, pixels, options = {}) {
  const { noise = 0, quality, kernel = 'cubic' } = options;
  const parameters = { pixels };
  const share = pixels / facePixels;
  if (share >= 1) return { image, parameters, detailPixels: pixels };
  const [width, height] = [image.width, image.height].map((side) => Math.max(8, Math.round(side * share)));
  const reduced = pipelineOf(image).resize(width, height, { kernel: 'lanczos3', fit: 'fill' });
  let small = await pixelsOf(reduced);
  if (noise > 0) small = exposed(small, 1, noise, uniform);
  if (quality !== undefined) small = await recompressed(small, quality);
  const enlarged = pipelineOf(small).resize(image.width, image.height, { kernel, fit: 'fill' });
  return { image: await pixelsOf(enlarged), parameters, detailPixels: pixels };
}

/** Blurred along a line of so many pixels, in a direction that is drawn. */
async function moved(image, pixels, uniform) {
  const angle = uniform() * Math.PI;
  const side = Math.max(3, Math.round(pixels) | 1);
  const middle = (side - 1) / 2;
  const kernel = new Array(side * side).fill(0);
  for (let step = -middle; step <= middle; step += 0.25) {
    const [x, y] = [Math.cos(angle), Math.sin(angle)].map((part) => Math.round(middle + step * part));
    kernel[y * side + x] = 1;
  }
  return pixelsOf(pipelineOf(image).convolve({ width: side, height: side, kernel }));
}

/** Every value times a gain, with noise of a standard deviation in grey levels. */
function exposed(image, gain, deviation, uniform) {
  return mapped(image, (value) => value * gain + deviation * standardNormal(uniform));
}

/** Grey, of low contrast, lighter or darker by an offset. */
function flatGrey(image, contrast, offset) {
  const pixels = new Uint8ClampedArray(image.pixels.length);
  for (let place = 0; place < pixels.length; place += 3) {
    const [red, green, blue] = image.pixels.subarray(place, place + 3);
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    pixels.fill(offset + contrast * (luma - 128) + 128, place, place + 3);
  }
  return { ...image, pixels };
}
