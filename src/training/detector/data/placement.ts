import type { BoundingBox, Landmarks, Point } from '../../../core/faces/landmarks.js';
import {
  applyTransform,
  invertTransform,
  type SimilarityTransform,
} from '../../../core/faces/similarity-transform.js';

/**
 * Where a photograph lies on the canvas: mirrored or not, then turned, scaled and moved. Coordinates of both start at the
 * border, so that the centre of the first pixel is (0.5, 0.5).
 */
export interface Placement {
  readonly transform: SimilarityTransform;
  readonly mirrored: boolean;
  /** Width of the photograph in pixels. */
  readonly photographWidth: number;
}

export interface PlacementDrawing {
  /** Canvas pixels for one of the photograph. */
  readonly scale: number;
  /** Clockwise. */
  readonly rotationDegrees: number;
  readonly mirrored: boolean;
}

/** The placement that takes a point of the photograph to one of the canvas. */
export function placementOf(
  { scale, rotationDegrees, mirrored }: PlacementDrawing,
  photographWidth: number,
  from: Point,
  to: Point,
): Placement {
  const radians = (rotationDegrees * Math.PI) / 180;
  const [a, b] = [scale * Math.cos(radians), scale * Math.sin(radians)];
  const x = mirrored ? photographWidth - from.x : from.x;
  return {
    transform: { a, b, translationX: to.x - (a * x - b * from.y), translationY: to.y - (b * x + a * from.y) },
    mirrored,
    photographWidth,
  };
}

/** A point of the photograph on the canvas. */
function placedPoint({ transform, mirrored, photographWidth }: Placement, { x, y }: Point): Point {
  return applyTransform(transform, { x: mirrored ? photographWidth - x : x, y });
}

/** Five points on the canvas; in a mirror image left and right have changed places. */
export function placedLandmarks(placement: Placement, landmarks: Landmarks): Landmarks {
  const place = (point: Point): Point => placedPoint(placement, point);
  const { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner } = landmarks;
  const [firstEye, secondEye] = placement.mirrored ? [rightEye, leftEye] : [leftEye, rightEye];
  const [firstCorner, secondCorner] = placement.mirrored
    ? [rightMouthCorner, leftMouthCorner]
    : [leftMouthCorner, rightMouthCorner];
  return {
    leftEye: place(firstEye),
    rightEye: place(secondEye),
    nose: place(nose),
    leftMouthCorner: place(firstCorner),
    rightMouthCorner: place(secondCorner),
  };
}

/** The box around the placed ellipse that fills a box: heads are round, so the corners of a turned box are empty. */
export function placedEllipseBox(placement: Placement, { x, y, width, height }: BoundingBox): BoundingBox {
  const { a, b } = placement.transform;
  const centre = placedPoint(placement, { x: x + width / 2, y: y + height / 2 });
  const halfWidth = Math.hypot((a * width) / 2, (b * height) / 2);
  const halfHeight = Math.hypot((b * width) / 2, (a * height) / 2);
  return { x: centre.x - halfWidth, y: centre.y - halfHeight, width: 2 * halfWidth, height: 2 * halfHeight };
}

/** The box around a placed rectangle with its corners. */
export function placedRectangleBox(placement: Placement, { x, y, width, height }: BoundingBox): BoundingBox {
  const { a, b } = placement.transform;
  const centre = placedPoint(placement, { x: x + width / 2, y: y + height / 2 });
  const halfWidth = (Math.abs(a) * width + Math.abs(b) * height) / 2;
  const halfHeight = (Math.abs(b) * width + Math.abs(a) * height) / 2;
  return { x: centre.x - halfWidth, y: centre.y - halfHeight, width: 2 * halfWidth, height: 2 * halfHeight };
}

/** From the canvas to the photograph, as u = u0 + ux x + uy y and v = v0 + vx x + vy y. */
export interface InversePlacement {
  readonly u0: number;
  readonly ux: number;
  readonly uy: number;
  readonly v0: number;
  readonly vx: number;
  readonly vy: number;
}

export function inversePlacement({ transform, mirrored, photographWidth }: Placement): InversePlacement {
  const { a, b, translationX, translationY } = invertTransform(transform);
  const along = { v0: translationY, vx: b, vy: a };
  return mirrored
    ? { u0: photographWidth - translationX, ux: -a, uy: b, ...along }
    : { u0: translationX, ux: a, uy: -b, ...along };
}

/** How far a face is turned clockwise, -180 to 180 degrees: the direction from between the eyes to the mouth. */
export function rollDegrees({ leftEye, rightEye, leftMouthCorner, rightMouthCorner }: Landmarks): number {
  const x = (leftMouthCorner.x + rightMouthCorner.x - leftEye.x - rightEye.x) / 2;
  const y = (leftMouthCorner.y + rightMouthCorner.y - leftEye.y - rightEye.y) / 2;
  return (Math.atan2(-x, y) * 180) / Math.PI;
}
