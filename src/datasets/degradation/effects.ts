/** What a low resolution, a movement, a bad exposure and a lack of colour do to a photograph. */
import type { RgbImage } from '../../core/images/rgb-image.js';
import { standardNormal } from '../../core/random/seeded-random.js';
import { mapped, pipelineOf, pixelsOf, recompressed } from './pixels.js';
import type { Uniform } from './random-numbers.js';
import type { Degraded, Scene } from './scene.js';

/** What a camera adds at its low resolution, and how its picture is enlarged. */
export interface LowResolution {
  /** Standard deviation in grey levels. */
  readonly noise?: number;
  /** JPEG's, from 1 to 100. */
  readonly quality?: number | undefined;
  readonly kernel?: 'cubic' | 'nearest';
}

/** How much of each channel makes grey: [red, green, blue], of sum 1. */
export type ChannelWeights = readonly [number, number, number];

/** Pixels that the shorter side of a reduced photograph has at least. */
const leastSide = 8;

/**
 * The photograph as it would be with a face of so many pixels, enlarged again; as it is where the face has no more.
 * @param pixels of the shorter side of the face's box
 */
export async function atResolution(
  { image, facePixels, uniform }: Omit<Scene, 'landmarks'>,
  pixels: number,
  { noise = 0, quality, kernel = 'cubic' }: LowResolution = {},
): Promise<Degraded> {
  const parameters = { pixels };
  const share = pixels / facePixels;
  if (share >= 1) return { image, parameters, detailPixels: pixels };
  const reducedSide = (side: number): number => Math.max(leastSide, Math.round(side * share));
  const [width, height] = [reducedSide(image.width), reducedSide(image.height)];
  const reduced = pipelineOf(image).resize(width, height, { kernel: 'lanczos3', fit: 'fill' });
  let small = await pixelsOf(reduced);
  if (noise > 0) small = exposed(small, 1, noise, uniform);
  if (quality !== undefined) small = await recompressed(small, quality);
  const enlarged = pipelineOf(small).resize(image.width, image.height, { kernel, fit: 'fill' });
  return { image: await pixelsOf(enlarged), parameters, detailPixels: pixels };
}

/** Blurred along a line of so many pixels, in a direction that is drawn. */
export async function moved(image: RgbImage, pixels: number, uniform: Uniform): Promise<RgbImage> {
  const angle = uniform() * Math.PI;
  const side = Math.max(3, Math.round(pixels) | 1);
  const middle = (side - 1) / 2;
  const kernel = new Array<number>(side * side).fill(0);
  for (let step = -middle; step <= middle; step += 0.25) {
    const x = Math.round(middle + step * Math.cos(angle));
    const y = Math.round(middle + step * Math.sin(angle));
    kernel[y * side + x] = 1;
  }
  return pixelsOf(pipelineOf(image).convolve({ width: side, height: side, kernel }));
}

/** Every value times a gain, with noise of a standard deviation in grey levels. */
export function exposed(image: RgbImage, gain: number, deviation: number, uniform: Uniform): RgbImage {
  return mapped(image, (value) => value * gain + deviation * standardNormal(uniform));
}

/** How {@link flatGrey} makes grey. */
export interface GreyTone {
  /** Of the grey levels around the middle one. */
  readonly contrast: number;
  /** Grey levels by which all becomes lighter. */
  readonly offset: number;
  /** BT.601's luma where absent. */
  readonly weights?: ChannelWeights;
  /** Standard deviation of a pixel's noise in grey levels; none where absent. */
  readonly noise?: number;
}

/** Grey, of low contrast, lighter or darker by an offset. */
export function flatGrey(image: RgbImage, tone: GreyTone, uniform: Uniform): RgbImage {
  const { contrast, offset, weights = [0.299, 0.587, 0.114], noise = 0 } = tone;
  const [red, green, blue] = weights;
  const { pixels: source } = image;
  const pixels = new Uint8ClampedArray(source.length);
  for (let place = 0; place < pixels.length; place += 3) {
    const grey =
      red * (source[place] ?? 0) + green * (source[place + 1] ?? 0) + blue * (source[place + 2] ?? 0);
    const added = noise > 0 ? noise * standardNormal(uniform) : 0;
    pixels.fill(offset + contrast * (grey - 128) + 128 + added, place, place + 3);
  }
  return { ...image, pixels: new Uint8Array(pixels.buffer) };
}
