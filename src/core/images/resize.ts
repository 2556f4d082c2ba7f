import type { RgbImage } from './rgb-image.js';

/** The input indices that each output index along one axis takes, and their weights, which sum to 1. */
interface AxisTaps {
  /** First input index of each output index. */
  readonly first: Int32Array;
  /** Taps for every output index; unused ones at the end weigh 0. */
  readonly count: number;
  /** [outputs, count] */
  readonly weights: Float64Array;
}

/**
 * Resizes an image; pixel centres lie at half coordinates, so the borders of input and output coincide.
 * An axis that shrinks is averaged over the area that an output pixel covers, as OpenCV's INTER_AREA, and does not
 * alias; one that grows is interpolated linearly.
 *
 * @param width  of the result, positive integer
 * @param height of the result, positive integer
 * @throws RangeError for sizes that are not positive integers
 */
export function resizeImage(image: RgbImage, width: number, height: number): RgbImage {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`an image cannot be resized to ${width}x${height}`);
  }
  if (width === image.width && height === image.height)
    return { ...image, pixels: new Uint8Array(image.pixels) };
  const rows = axisTaps(image.height, height);
  const columns = axisTaps(image.width, width);
  const pixels = new Uint8Array(width * height * 3);
  // One row of the result at a time: first down the columns, reading the input in order, then along the row.
  const stride = image.width * 3;
  const row = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (let tap = 0; tap < rows.count; tap++) {
      const weight = rows.weights[y * rows.count + tap] ?? 0;
      const start = ((rows.first[y] ?? 0) + tap) * stride;
      if (weight > 0) addWeighted(row, image.pixels.subarray(start, start + stride), weight);
    }
    resampleRow(row, columns, pixels.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return { width, height, pixels };
}

function addWeighted(sums: Float64Array, source: Uint8Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) {
    sums[i] = (sums[i] ?? 0) + weight * (source[i] ?? 0);
  }
}

function resampleRow(row: Float64Array, columns: AxisTaps, target: Uint8Array): void {
  const { first, count, weights } = columns;
  for (let x = 0; x < first.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let i = (first[x] ?? 0) * 3;
    for (let tap = x * count, end = tap + count; tap < end; tap++, i += 3) {
      const weight = weights[tap] ?? 0;
      if (weight === 0) break;
      red += weight * (row[i] ?? 0);
      green += weight * (row[i + 1] ?? 0);
      blue += weight * (row[i + 2] ?? 0);
    }
    target[x * 3] = red + 0.5;
    target[x * 3 + 1] = green + 0.5;
    target[x * 3 + 2] = blue + 0.5;
  }
}

function axisTaps(inputLength: number, outputLength: number): AxisTaps {
  return outputLength < inputLength
    ? areaTaps(inputLength, outputLength)
    : linearTaps(inputLength, outputLength);
}

/** Output i covers the input from i * step to (i + 1) * step; each input pixel weighs as much as it is covered. */
function areaTaps(inputLength: number, outputLength: number): AxisTaps {
  const step = inputLength / outputLength;
  const count = Math.ceil(step) + 1;
  const first = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * count);
  for (let i = 0; i < outputLength; i++) {
    const start = i * step;
    const end = Math.min(start + step, inputLength);
    const firstIndex = Math.floor(start);
    first[i] = firstIndex;
    for (let tap = 0; tap < count; tap++) {
      const covered = Math.min(firstIndex + tap + 1, end) - Math.max(firstIndex + tap, start);
      // Slivers are rounding errors of `end`.
      weights[i * count + tap] = covered > 1e-9 ? covered / (end - start) : 0;
    }
  }
  return { first, count, weights };
}

/** The two input pixels around the output's centre; beyond the border the last pixel repeats. */
function linearTaps(inputLength: number, outputLength: number): AxisTaps {
  const step = inputLength / outputLength;
  const first = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * 2);
  for (let i = 0; i < outputLength; i++) {
    const centre = Math.min(Math.max((i + 0.5) * step - 0.5, 0), inputLength - 1);
    const firstIndex = Math.floor(centre);
    first[i] = firstIndex;
    weights[i * 2] = firstIndex + 1 - centre;
    weights[i * 2 + 1] = centre - firstIndex;
  }
  return { first, count: 2, weights };
}
