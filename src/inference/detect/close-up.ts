import { CLOSE_UP_FACE_SHARE } from '../../core/faces/close-up-anchor.js';
import type { DetectedFace } from '../../core/faces/face.js';
import {
  type BoundingBox,
  type Landmarks,
  landmarkPoints,
  meanLandmarks,
  mirrorLandmarks,
  type Point,
} from '../../core/faces/landmarks.js';
import { rollRadians } from '../../core/faces/moved-face.js';
import { intersectionOverUnion } from '../../core/faces/non-maximum-suppression.js';
import type { SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { InputSize } from './detector-outputs.js';

/** Intersection over union with where the face should be from which on what is seen is that face, and no neighbour. */
const leastOverlap = 0.3;
/** Below it the close-up shows the face out of its middle, or at another size than the network knows best. */
const centredOverlap = 0.5;

/**
 * Where the points of a face's close-up lie in the photograph: a square around its box, turned until the face is upright.
 * @param turns quarter turns further, clockwise, where its landmarks may be wrong about what is up
 */
export function closeUpToPhotograph(
  { box, landmarks }: DetectedFace,
  input: InputSize,
  turns = 0,
): SimilarityTransform {
  // Of the square that is as large as the box.
  const faceSide = Math.sqrt(box.width * box.height);
  const scale = faceSide / (CLOSE_UP_FACE_SHARE * Math.min(input.width, input.height));
  const roll = rollRadians(landmarks) + (turns * Math.PI) / 2;
  const a = scale * Math.cos(roll);
  const b = scale * Math.sin(roll);
  const [x, y] = [input.width / 2, input.height / 2];
  return {
    a,
    b,
    translationX: box.x + box.width / 2 - (a * x - b * y),
    translationY: box.y + box.height / 2 - (b * x + a * y),
  };
}

/**
 * The most probable of the faces in a close-up that are where its face should be.
 * @param faceShare the face's side over that of the close-up
 */
export function centralFace(
  faces: readonly DetectedFace[],
  input: InputSize,
  faceShare = CLOSE_UP_FACE_SHARE,
): DetectedFace | undefined {
  const expected = expectedBox(input, faceShare);
  let best: DetectedFace | undefined;
  for (const face of faces) {
    if (best !== undefined && face.probability <= best.probability) continue;
    if (intersectionOverUnion(face.box, expected) >= leastOverlap) best = face;
  }
  return best;
}

/** Whether a close-up's face is so far from where it should be that another close-up would show it better. */
export function isOffCentre({ box }: DetectedFace, input: InputSize): boolean {
  return intersectionOverUnion(box, expectedBox(input, CLOSE_UP_FACE_SHARE)) < centredOverlap;
}

/** One face of its two views, the close-up and its mirror image; all in pixels of the close-up. */
export function faceOfViews(direct: DetectedFace, inMirror: DetectedFace, input: InputSize): DetectedFace {
  const other: DetectedFace = {
    box: { ...inMirror.box, x: input.width - inMirror.box.x - inMirror.box.width },
    landmarks: mirrorLandmarks(inMirror.landmarks, input.width),
    probability: inMirror.probability,
  };
  const box = meanBox([direct.box, other.box]);
  return {
    box,
    landmarks: meanLandmarks([direct.landmarks, other.landmarks]),
    probability: (direct.probability + other.probability) / 2,
    landmarkUncertainty: disagreement(direct.landmarks, other.landmarks, box),
  };
}

function expectedBox({ width, height }: InputSize, faceShare: number): BoundingBox {
  const side = faceShare * Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
}

/** Mean distance of the five points over the face's side: eyes, whose distance one would rather take, coincide in profile. */
function disagreement(a: Landmarks, b: Landmarks, { width, height }: BoundingBox): number {
  const others = landmarkPoints(b);
  const distances = landmarkPoints(a).map((point, index) => distance(point, others[index] ?? point));
  return distances.reduce((sum, value) => sum + value, 0) / distances.length / Math.sqrt(width * height);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** @param boxes at least one */
export function meanBox(boxes: readonly BoundingBox[]): BoundingBox {
  const mean = (side: keyof BoundingBox): number =>
    boxes.reduce((sum, box) => sum + box[side], 0) / boxes.length;
  return { x: mean('x'), y: mean('y'), width: mean('width'), height: mean('height') };
}
