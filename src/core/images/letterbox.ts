import type { BoundingBox, Point } from '../faces/landmarks.js';
import { resizeImage } from './resize.js';
import type { RgbImage } from './rgb-image.js';

/** How an image is fitted into a network's input without changing its proportions. All in pixels. */
export interface Letterbox {
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Input pixels for one image pixel, before `resizedWidth` and `resizedHeight` are rounded. */
  readonly scale: number;
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** The column of the input at which the resized image starts. */
  readonly offsetX: number;
  readonly offsetY: number;
}

/**
 * The largest size at which the image fits the input.
 * @param placement where the spare room goes: right and below (`top-left`), or evenly around (`centre`)
 * @throws RangeError where a length is not positive
 */
export function letterbox(
  imageWidth: number,
  imageHeight: number,
  inputWidth: number,
  inputHeight: number,
  placement: 'top-left' | 'centre' = 'top-left',
): Letterbox {
  if (!(Math.min(imageWidth, imageHeight, inputWidth, inputHeight) > 0)) {
    throw new RangeError('image and input must have positive sizes');
  }
  const scale = Math.min(inputWidth / imageWidth, inputHeight / imageHeight);
  const resizedWidth = fittedLength(imageWidth * scale, inputWidth);
  const resizedHeight = fittedLength(imageHeight * scale, inputHeight);
  const centred = placement === 'centre';
  return {
    inputWidth,
    inputHeight,
    imageWidth,
    imageHeight,
    scale,
    resizedWidth,
    resizedHeight,
    offsetX: centred ? Math.floor((inputWidth - resizedWidth) / 2) : 0,
    offsetY: centred ? Math.floor((inputHeight - resizedHeight) / 2) : 0,
  };
}

function fittedLength(length: number, inputLength: number): number {
  return Math.min(Math.max(Math.round(length), 1), inputLength);
}

/** A point of the network's input in the image. Exact per axis: it undoes the rounded size, not `scale`. */
export function pointToImage(box: Letterbox, point: Point): Point {
  return {
    x: ((point.x - box.offsetX) * box.imageWidth) / box.resizedWidth,
    y: ((point.y - box.offsetY) * box.imageHeight) / box.resizedHeight,
  };
}

/** A point of the image in the network's input: the inverse of {@link pointToImage}. */
export function pointToInput(box: Letterbox, point: Point): Point {
  return {
    x: (point.x * box.resizedWidth) / box.imageWidth + box.offsetX,
    y: (point.y * box.resizedHeight) / box.imageHeight + box.offsetY,
  };
}

/** A box of the network's input in the image; not clipped. */
export function boxToImage(box: Letterbox, inInput: BoundingBox): BoundingBox {
  const { x, y } = pointToImage(box, inInput);
  return {
    x,
    y,
    width: (inInput.width * box.imageWidth) / box.resizedWidth,
    height: (inInput.height * box.imageHeight) / box.resizedHeight,
  };
}

/** The network's input: the resized image with black around it. */
export function letterboxImage(image: RgbImage, box: Letterbox): RgbImage {
  const resized = resizeImage(image, box.resizedWidth, box.resizedHeight);
  if (box.resizedWidth === box.inputWidth && box.resizedHeight === box.inputHeight) return resized;
  const pixels = new Uint8Array(box.inputWidth * box.inputHeight * 3);
  const stride = box.resizedWidth * 3;
  for (let y = 0; y < box.resizedHeight; y++) {
    const row = resized.pixels.subarray(y * stride, (y + 1) * stride);
    pixels.set(row, ((y + box.offsetY) * box.inputWidth + box.offsetX) * 3);
  }
  return { width: box.inputWidth, height: box.inputHeight, pixels };
}
