import { alignmentTransform } from '../../dist/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../dist/core/faces/alignment-template.js';
import { landmarkPoints } from '../../dist/core/faces/landmarks.js';
import { intersectionOverUnion } from '../../dist/core/faces/non-maximum-suppression.js';
import { transformScale } from '../../dist/core/faces/similarity-transform.js';

const MINIMUM_OVERLAP = 0.2;

/** A detector that sees several faces takes an ear or hair for one of them at times, and is less sure of it by more than this. */
const SURELY_OTHER = 0.1;

/**
 * Of several faces the one that the picture was cut around: of those of which the detector is nearly as sure as of the surest, the one that
 * is large and near the middle; undefined where there is none.
 */
export function centralFace(image, faces) {
  const surest = Math.max(...faces.map(({ probability }) => probability));
  const sure = faces.filter(({ probability }) => probability >= surest - SURELY_OTHER);
  const weight = ({ box }) => {
    const dx = box.x + box.width / 2 - image.width / 2;
    const dy = box.y + box.height / 2 - image.height / 2;
    return box.width * box.height - 2 * (dx * dx + dy * dy);
  };
  return sure.toSorted((a, b) => weight(b) - weight(a))[0];
}

/** The detection of the same face among others; undefined where none overlaps it. */
export function sameFace(face, others) {
  const overlap = ({ box }) => intersectionOverUnion(box, face.box);
  const best = others.toSorted((a, b) => overlap(b) - overlap(a))[0];
  return best !== undefined && overlap(best) > MINIMUM_OVERLAP ? best : undefined;
}

/** Mean distance of the five landmarks in pixels of the 112x112 crop that the reference's give. */
export function landmarkDistance(reference, other) {
  const scale = transformScale(alignmentTransform(reference.landmarks, arcFaceTemplate));
  const others = landmarkPoints(other.landmarks);
  const distances = landmarkPoints(reference.landmarks).map(({ x, y }, index) =>
    Math.hypot(x - others[index].x, y - others[index].y),
  );
  return (scale * distances.reduce((sum, distance) => sum + distance, 0)) / distances.length;
}
