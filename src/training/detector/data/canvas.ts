import type { BoundingBox } from '../../../core/faces/landmarks.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';
import type { Colour } from './draws.js';

/** The image that is being made: RGB, rows from the top; what is written is rounded and kept within 0 to 255. */
export interface Canvas {
  readonly side: number;
  readonly pixels: Uint8ClampedArray;
}

export function blankCanvas(side: number): Canvas {
  return { side, pixels: new Uint8ClampedArray(side * side * 3) };
}

/** The canvas as an image, which shares its bytes. */
export function imageOfCanvas({ side, pixels }: Canvas): RgbImage {
  return {
    width: side,
    height: side,
    pixels: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
  };
}

export function fillCanvas({ pixels }: Canvas, [red, green, blue]: Colour): void {
  for (let index = 0; index < pixels.length; index += 3) {
    pixels[index] = red;
    pixels[index + 1] = green;
    pixels[index + 2] = blue;
  }
}

/**
 * Calls `colourAt` for the pixels whose centres lie in the box, and lays the colours over what is there.
 * @param colourAt is given a pixel's centre and writes to `colour`; returns how opaque it is, 0 to 1
 */
export function paintPixels(
  { side, pixels }: Canvas,
  box: BoundingBox,
  colourAt: (x: number, y: number, colour: Float32Array) => number,
): void {
  const colour = new Float32Array(3);
  const left = Math.max(0, Math.ceil(box.x - 0.5));
  const top = Math.max(0, Math.ceil(box.y - 0.5));
  const right = Math.min(side, Math.ceil(box.x + box.width - 0.5));
  const bottom = Math.min(side, Math.ceil(box.y + box.height - 0.5));
  for (let y = top; y < bottom; y++) {
    let target = (y * side + left) * 3;
    for (let x = left; x < right; x++, target += 3) {
      const opacity = colourAt(x + 0.5, y + 0.5, colour);
      if (opacity <= 0) continue;
      for (let channel = 0; channel < 3; channel++) {
        const below = pixels[target + channel] ?? 0;
        pixels[target + channel] = below + opacity * ((colour[channel] ?? 0) - below);
      }
    }
  }
}

export function wholeCanvas({ side }: Canvas): BoundingBox {
  return { x: 0, y: 0, width: side, height: side };
}
