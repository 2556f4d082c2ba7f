import type { RgbImage } from './rgb-image.js';

/** Brightness of each pixel, 0 to 255, rows from the top: ITU-R BT.601, as JPEG and OpenCV's grey. */
export function lumaOf(image: RgbImage): Float32Array {
  const { width, height, pixels } = image;
  const luma = new Float32Array(width * height);
  for (let index = 0, i = 0; index < luma.length; index++, i += 3) {
    luma[index] = 0.299 * (pixels[i] ?? 0) + 0.587 * (pixels[i + 1] ?? 0) + 0.114 * (pixels[i + 2] ?? 0);
  }
  return luma;
}

/** Mean luma, 0 to 255; 0 for an image without pixels. */
export function meanLuma(luma: Float32Array): number {
  let sum = 0;
  for (const value of luma) sum += value;
  return luma.length === 0 ? 0 : sum / luma.length;
}

/**
 * Variance of the Laplacian (kernel 0 1 0 / 1 -4 1 / 0 1 0), a common measure of focus (Pech-Pacheco 2000).
 * Only pixels with all four neighbours count; 0 where there is none.
 * @param luma [height, width] as of {@link lumaOf}
 */
export function laplacianVariance(luma: Float32Array, width: number): number {
  let count = 0;
  let sum = 0;
  let squareSum = 0;
  for (let row = width; row + width < luma.length; row += width) {
    for (let i = row + 1; i < row + width - 1; i++) {
      const neighbours =
        (luma[i - width] ?? 0) + (luma[i - 1] ?? 0) + (luma[i + 1] ?? 0) + (luma[i + width] ?? 0);
      const laplacian = neighbours - 4 * (luma[i] ?? 0);
      count++;
      sum += laplacian;
      squareSum += laplacian * laplacian;
    }
  }
  if (count === 0) return 0;
  const mean = sum / count;
  return Math.max(squareSum / count - mean * mean, 0);
}
