import { cosineTransform } from './cosine-transform.js';
import { lumaOf } from './luma.js';
import type { RgbImage } from './rgb-image.js';

/** What a picture looks like, whatever it shows. */
export interface PictureMeasures {
  /** Mean luma, 0 to 255 */
  readonly brightness: number;
  /** The standard deviation of luma */
  readonly contrast: number;
  /** The root mean square of how far colours are from their luma: 0 for a grey picture */
  readonly colour: number;
  /** The side of the smallest image that would hold 99 % of the luma's variance, in pixels; noise counts for nothing. */
  readonly detailPixels: number;
  /** The standard deviation of white noise in the luma; what was smoothed by enlarging or by JPEG is not seen. */
  readonly noise: number;
}

/** Of the variance of luma; what is finer is noise and what resampling leaves. */
const leastShareOfDetail = 0.01;
/** Of the frequencies along both axes: above it there is little but noise. */
const finest = 0.75;
/** The median of the absolute values of normally distributed numbers, of their standard deviation. */
const medianOfDeviation = 0.6745;

const roundingVariance = 1 / 12;

/** Measures a picture of any size. */
export function measurePicture(image: RgbImage): PictureMeasures {
  const { width, height } = image;
  const luma = lumaOf(image);
  const { mean, noise, bands } = spectrumOf(luma, width);
  return {
    brightness: mean,
    contrast: Math.sqrt(sumOf(bands) / (width * height)),
    colour: colourOf(image, luma),
    detailPixels: detailOf(withoutNoise(bands, noise)),
    noise,
  };
}

/**
 * The longer side, in pixels, that an image has to be made smaller to so that it shows so much detail and no more.
 * @returns undefined where it shows no more than that as it is
 */
export function sideOfDetail(image: RgbImage, detailPixels: number): number | undefined {
  const { bands, noise } = spectrumOf(lumaOf(image), image.width);
  const signal = withoutNoise(bands, noise);
  if (detailOf(signal) <= detailPixels) return undefined;
  let kept = sumOf(signal.subarray(0, detailPixels));
  let finer = 0;
  for (let side = detailPixels; side < signal.length; side++) {
    finer += signal[side] ?? 0;
    kept += signal[side] ?? 0;
    if (finer > leastShareOfDetail * kept) return side;
  }
  return undefined;
}

/** Luma by how fine its changes are. */
interface Spectrum {
  readonly mean: number;
  readonly noise: number;
  /** [longer side] the energy that each pixel of the side adds: of all coefficients whose greater frequency it is */
  readonly bands: Float64Array;
}

function spectrumOf(luma: Float32Array, width: number): Spectrum {
  const coefficients = cosineTransform(luma, width);
  return {
    mean: (coefficients[0] ?? 0) / Math.sqrt(luma.length),
    noise: noiseOf(coefficients, width),
    bands: energyBands(coefficients, width),
  };
}

/**
 * The robust estimate of the noise from the finest coefficients (Donoho and Johnstone, 1994, there of wavelets).
 * @param coefficients [height, width]
 */
function noiseOf(coefficients: Float32Array, width: number): number {
  const height = coefficients.length / width;
  const sizes: number[] = [];
  for (let y = Math.floor(finest * height); y < height; y++)
    for (let x = Math.floor(finest * width); x < width; x++)
      sizes.push(Math.abs(coefficients[y * width + x] ?? 0));
  sizes.sort((a, b) => a - b);
  return (sizes[Math.floor(sizes.length / 2)] ?? 0) / medianOfDeviation;
}

function energyBands(coefficients: Float32Array, width: number): Float64Array {
  const height = coefficients.length / width;
  const side = Math.max(width, height);
  const bands = new Float64Array(side);
  for (let index = 1; index < coefficients.length; index++) {
    const [x, y] = [index % width, Math.floor(index / width)];
    // Of a longer and a shorter side the frequencies are compared as shares of each.
    const band = Math.floor(Math.max((x * side) / width, (y * side) / height));
    bands[band] = (bands[band] ?? 0) + (coefficients[index] ?? 0) ** 2;
  }
  return bands;
}

/** White noise, of which rounding to whole numbers is some, has the same energy in each coefficient. */
function withoutNoise(bands: Float64Array, noise: number): Float64Array {
  const variance = Math.max(noise ** 2, roundingVariance);
  return bands.map((energy, band) => Math.max(0, energy - (2 * band + 1) * variance));
}

function detailOf(signal: Float64Array): number {
  const most = leastShareOfDetail * sumOf(signal);
  let lost = 0;
  for (let side = signal.length; side > 1; side--) {
    lost += signal[side - 1] ?? 0;
    if (lost > most) return side;
  }
  return 1;
}

function sumOf(numbers: Float64Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function colourOf({ pixels }: RgbImage, luma: Float32Array): number {
  let squares = 0;
  for (const [index, value] of pixels.entries()) squares += (value - (luma[Math.floor(index / 3)] ?? 0)) ** 2;
  return pixels.length === 0 ? 0 : Math.sqrt(squares / pixels.length);
}
