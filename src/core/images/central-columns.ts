import type { RgbImage } from './rgb-image.js';

/**
 * The middle of an image at its full height, such as the 112x96 (height x width) crop of the 112x112 one.
 * @returns the image itself where it has that width; a point at x lies at `x - (image.width - width) / 2` in it
 * @throws RangeError where the image is narrower, or the columns left out are not as many on both sides
 */
export function centralColumns(image: RgbImage, width: number): RgbImage {
  const first = firstCentralColumn(image.width, width);
  if (first === 0) return image;
  const pixels = new Uint8Array(width * image.height * 3);
  for (let y = 0; y < image.height; y++) {
    const start = (y * image.width + first) * 3;
    pixels.set(image.pixels.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height: image.height, pixels };
}

/** @throws RangeError as {@link centralColumns} */
export function firstCentralColumn(imageWidth: number, width: number): number {
  const left = (imageWidth - width) / 2;
  if (left >= 0 && Number.isInteger(left)) return left;
  throw new RangeError(`${width} columns cannot be cut from the middle of ${imageWidth}`);
}
