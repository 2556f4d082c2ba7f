import { arcFaceTemplate } from './alignment-template.js';
import type { DetectedFace } from './face.js';
import { type BoundingBox, type Landmarks, landmarkPoints, mapLandmarks } from './landmarks.js';
import { applyTransform, type SimilarityTransform } from './similarity-transform.js';

/** A face as it lies after its image was moved, scaled and turned. */
export function moveFace(face: DetectedFace, transform: SimilarityTransform): DetectedFace {
  return {
    ...face,
    box: moveBox(face.box, transform),
    landmarks: mapLandmarks(face.landmarks, (point) => applyTransform(transform, point)),
  };
}

/**
 * The box of a turned face: around the ellipse that the box was around, since a face fills no corners. Exact for
 * quarter turns, whatever the shape.
 */
export function moveBox(box: BoundingBox, transform: SimilarityTransform): BoundingBox {
  const [halfWidth, halfHeight] = [box.width / 2, box.height / 2];
  const centre = applyTransform(transform, { x: box.x + halfWidth, y: box.y + halfHeight });
  const { a, b } = transform;
  const width = 2 * Math.hypot(a * halfWidth, b * halfHeight);
  const height = 2 * Math.hypot(b * halfWidth, a * halfHeight);
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

/**
 * How far the face is turned clockwise in the image: the rotation of the similarity transform that takes ArcFace's template
 * nearest to its landmarks (see `estimateSimilarityTransform`).
 * @returns in (-pi, pi]; 0 where the landmarks determine no rotation
 */
export function rollRadians(landmarks: Landmarks): number {
  const points = landmarkPoints(landmarks);
  const template = landmarkPoints(arcFaceTemplate.landmarks);
  const mean = { x: meanOf(template.map(({ x }) => x)), y: meanOf(template.map(({ y }) => y)) };
  let [dot, cross] = [0, 0];
  template.forEach((from, index) => {
    // The template is centred, so the landmarks need not be.
    const [fx, fy] = [from.x - mean.x, from.y - mean.y];
    const { x, y } = points[index] ?? mean;
    dot += fx * x + fy * y;
    cross += fx * y - fy * x;
  });
  return Math.atan2(cross, dot);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
