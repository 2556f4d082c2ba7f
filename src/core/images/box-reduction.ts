import type { RgbImage } from './rgb-image.js';

/** A region of whole pixels; may reach over the image's border. */
export interface PixelRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Averages blocks of `factor` x `factor` pixels of a region; pixels outside the image count as black.
 * The centre of reduced pixel (i, j) is `region.x + factor * i + (factor - 1) / 2` in the image, likewise in y.
 *
 * @param region integers; its sides are rounded up to whole blocks
 * @param factor positive integer; the block sums fit 32 bits up to 4,096
 */
export function reduceRegion(image: RgbImage, region: PixelRegion, factor: number): RgbImage {
  const width = Math.ceil(region.width / factor);
  const height = Math.ceil(region.height / factor);
  const pixels = new Uint8Array(width * height * 3);
  const rowSums = new Uint32Array(width * 3);
  const area = factor * factor;
  for (let row = 0; row < height; row++) {
    const firstY = region.y + row * factor;
    const pastY = Math.min(firstY + factor, image.height);
    rowSums.fill(0);
    for (let y = Math.max(firstY, 0); y < pastY; y++) {
      addRow(rowSums, image, y, region.x, factor);
    }
    const offset = row * width * 3;
    for (let i = 0; i < rowSums.length; i++) {
      pixels[offset + i] = ((rowSums[i] ?? 0) + area / 2) / area;
    }
  }
  return { width, height, pixels };
}

/** Adds one row of the image to the block sums; columns left and right of the image add nothing. */
function addRow(rowSums: Uint32Array, image: RgbImage, y: number, regionX: number, factor: number): void {
  const { width, pixels } = image;
  const rowStart = y * width;
  for (let target = 0, blockX = regionX; target < rowSums.length; target += 3, blockX += factor) {
    let red = 0;
    let green = 0;
    let blue = 0;
    const end = (rowStart + Math.min(blockX + factor, width)) * 3;
    for (let i = (rowStart + Math.max(blockX, 0)) * 3; i < end; i += 3) {
      red += pixels[i] ?? 0;
      green += pixels[i + 1] ?? 0;
      blue += pixels[i + 2] ?? 0;
    }
    rowSums[target] = (rowSums[target] ?? 0) + red;
    rowSums[target + 1] = (rowSums[target + 1] ?? 0) + green;
    rowSums[target + 2] = (rowSums[target + 2] ?? 0) + blue;
  }
}
