import type { DetectedFace } from '../../../core/faces/face.js';
import {
  type BoundingBox,
  type Landmarks,
  landmarkPoints,
  landmarksFromPoints,
  type Point,
} from '../../../core/faces/landmarks.js';
import { intersectionOverUnion, suppressOverlaps } from '../../../core/faces/non-maximum-suppression.js';
import type { FaceLabel } from '../../../datasets/face-labels/photograph-labels.js';

/** Two boxes are of one face from this intersection over union on. */
const SAME_FACE_OVERLAP = 0.5;
/** From here on what another detector sees is the first one's face in a box of another size, and no label of its own. */
const OTHER_BOX_OVERLAP = 0.3;
/** Landmarks agree where their mean distance is below this share of the box's side. */
const LANDMARK_TOLERANCE = 0.08;
/** Below, what a detector says is not listened to. */
const HEARD_PROBABILITY = 0.3;
/** The first detector must be so sure itself before others confirm it. */
const SURE_PROBABILITY = 0.5;

/**
 * What a detector says of a photograph, by the photograph and its mirror image. What it sees in both is the mean; what it sees
 * in one alone is half as probable.
 * @param mirrored of the mirror image, mirrored back
 */
export function meanOfMirrorImages(
  direct: readonly DetectedFace[],
  mirrored: readonly DetectedFace[],
): readonly DetectedFace[] {
  const unpaired = new Set(mirrored);
  const means = direct.map((face) => {
    const other = bestMatch(face.box, [...unpaired]);
    if (other === undefined) return halved(face);
    unpaired.delete(other);
    return meanFace(face, other);
  });
  return [...means, ...[...unpaired].map(halved)];
}

function halved(face: DetectedFace): DetectedFace {
  return { ...face, probability: face.probability / 2 };
}

function meanFace(a: DetectedFace, b: DetectedFace): DetectedFace {
  const mean = (one: number, other: number): number => (one + other) / 2;
  const [pointsA, pointsB] = [landmarkPoints(a.landmarks), landmarkPoints(b.landmarks)];
  const pointAt = (index: 0 | 1 | 2 | 3 | 4): Point => ({
    x: mean(pointsA[index].x, pointsB[index].x),
    y: mean(pointsA[index].y, pointsB[index].y),
  });
  return {
    box: {
      x: mean(a.box.x, b.box.x),
      y: mean(a.box.y, b.box.y),
      width: mean(a.box.width, b.box.width),
      height: mean(a.box.height, b.box.height),
    },
    landmarks: landmarksFromPoints([pointAt(0), pointAt(1), pointAt(2), pointAt(3), pointAt(4)]),
    probability: mean(a.probability, b.probability),
  };
}

/**
 * The labels of a photograph: the first detector's faces, as the others see them too. A face that the first is sure of and
 * another one overlaps is agreed upon; its landmarks stay where another one's lie near. What one detector alone sees is
 * a label that is not agreed upon, neither face nor background.
 * @param others what each of the other detectors says; without any, the first is believed where it is sure
 */
export function agreedFaces(
  first: readonly DetectedFace[],
  others: readonly (readonly DetectedFace[])[],
): readonly FaceLabel[] {
  const heard = first.filter(({ probability }) => probability >= HEARD_PROBABILITY);
  const othersHeard = others.map((faces) =>
    faces.filter(({ probability }) => probability >= HEARD_PROBABILITY),
  );
  const labels = heard.map((face) => labelOf(face, othersHeard));
  const alone = othersHeard
    .flat()
    .filter(({ box }) => bestMatch(box, heard, OTHER_BOX_OVERLAP) === undefined)
    .map((face): FaceLabel => ({ ...face, landmarks: undefined, agreed: false }));
  return [...labels, ...suppressOverlaps(alone, SAME_FACE_OVERLAP)];
}

function labelOf(face: DetectedFace, others: readonly (readonly DetectedFace[])[]): FaceLabel {
  const { box, landmarks, probability } = face;
  const seenBy = others.flatMap((faces) => bestMatch(box, faces) ?? []);
  const isSure = probability >= SURE_PROBABILITY;
  if (others.length === 0) return { ...face, agreed: isSure };
  const side = Math.sqrt(box.width * box.height);
  const areNear = seenBy.some(
    (other) => meanDistance(landmarks, other.landmarks) < LANDMARK_TOLERANCE * side,
  );
  return {
    box,
    landmarks: areNear ? landmarks : undefined,
    probability,
    agreed: isSure && seenBy.length > 0,
  };
}

function bestMatch(
  box: BoundingBox,
  faces: readonly DetectedFace[],
  minimumOverlap = SAME_FACE_OVERLAP,
): DetectedFace | undefined {
  let best: DetectedFace | undefined;
  let bestOverlap = minimumOverlap;
  for (const face of faces) {
    const overlap = intersectionOverUnion(box, face.box);
    if (overlap >= bestOverlap) [best, bestOverlap] = [face, overlap];
  }
  return best;
}

/** Mean distance of the five points in pixels. */
function meanDistance(a: Landmarks, b: Landmarks): number {
  const others = landmarkPoints(b);
  const distances = landmarkPoints(a).map(({ x, y }, index) => {
    const other = others[index] ?? { x: NaN, y: NaN };
    return Math.hypot(x - other.x, y - other.y);
  });
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
