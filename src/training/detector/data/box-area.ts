import type { BoundingBox } from '../../../core/faces/landmarks.js';

/** The part of a box within another; of no size where they do not meet. */
export function clippedBox(box: BoundingBox, bounds: BoundingBox): BoundingBox {
  const x = Math.max(box.x, bounds.x);
  const y = Math.max(box.y, bounds.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(box.x + box.width, bounds.x + bounds.width) - x),
    height: Math.max(0, Math.min(box.y + box.height, bounds.y + bounds.height) - y),
  };
}

export function boxArea({ width, height }: BoundingBox): number {
  return width * height;
}

/** The share, 0 to 1, of a box's area that lies within another. */
export function shareWithin(box: BoundingBox, bounds: BoundingBox): number {
  const area = boxArea(box);
  return area > 0 ? boxArea(clippedBox(box, bounds)) / area : 0;
}

/** A box that reaches further by shares of its own width and height. */
export function grownBox({ x, y, width, height }: BoundingBox, shareOfSides: number): BoundingBox {
  return {
    x: x - shareOfSides * width,
    y: y - shareOfSides * height,
    width: width * (1 + 2 * shareOfSides),
    height: height * (1 + 2 * shareOfSides),
  };
}

/** The side of the square that is as large as the box. */
export function boxSide(box: BoundingBox): number {
  return Math.sqrt(boxArea(box));
}

/** The square of a side around a point. */
export function squareAround(
  { x, y }: { readonly x: number; readonly y: number },
  side: number,
): BoundingBox {
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
}
