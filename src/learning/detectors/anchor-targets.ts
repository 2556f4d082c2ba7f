import { type BoundingBox, landmarkPoints, type Landmarks } from '../../core/faces/landmarks.js';
import { CENTRE_VARIANCE, type FaceAnchor, SIZE_VARIANCE } from '../../core/faces/retinaface-anchors.js';

/** A face of a training image, in pixels of the image. */
export interface LabelledFace {
  readonly box: BoundingBox;
  /** Where they are absent the loss of landmarks is not asked. */
  readonly landmarks?: Landmarks;
  /** Whether it is neither face nor background: anchors on it take no part. */
  readonly ignored: boolean;
}

/** What the anchors of a batch should say, as MultiBoxLoss takes it; N anchors for each of B images. */
export interface AnchorTargetArrays {
  /** [B, N] 1: a face, 0: background, -1: takes no part */
  readonly classes: Float32Array;
  /** [B, N, 4] */
  readonly boxes: Float32Array;
  /** [B, N, 10] */
  readonly landmarks: Float32Array;
  /** [B, N] 1 where the face has landmarks */
  readonly landmarkMask: Float32Array;
}

/** Overlap (intersection over union) with a face from which on an anchor is to find it, as in Pytorch_Retinaface. */
const FACE_OVERLAP = 0.35;
/** From here to there it is neither the face's nor background. */
const BACKGROUND_OVERLAP = 0.25;
/** From here on an anchor takes no part on a face that is ignored. */
const IGNORED_OVERLAP = 0.2;
const BOX_LENGTH = 4;
const LANDMARKS_LENGTH = 10;

export function emptyAnchorTargets(batchSize: number, anchorCount: number): AnchorTargetArrays {
  const rows = batchSize * anchorCount;
  return {
    classes: new Float32Array(rows),
    boxes: new Float32Array(rows * BOX_LENGTH),
    landmarks: new Float32Array(rows * LANDMARKS_LENGTH),
    landmarkMask: new Float32Array(rows),
  };
}

/**
 * Assigns the anchors of one image to its faces: to the one that an anchor overlaps most, where that is enough; and to each
 * face the anchor that overlaps it most, however little that is, so that no face is left to none.
 *
 * @param targets of the batch, all zero at the image's rows; written to
 * @param image place of the image in the batch
 */
export function writeAnchorTargets(
  anchors: readonly FaceAnchor[],
  faces: readonly LabelledFace[],
  targets: AnchorTargetArrays,
  image: number,
): void {
  const firstRow = image * anchors.length;
  const assigned = assignedFaces(
    anchors,
    faces.filter(({ ignored }) => !ignored),
  );
  const ignored = faces.filter((face) => face.ignored).map(({ box }) => atLeastAnAnchor(box, anchors));
  for (const [index, anchor] of anchors.entries()) {
    const row = firstRow + index;
    const match = assigned[index];
    if (typeof match === 'object') writeFace(targets, row, anchor, match);
    else if (match === 'between' || ignored.some((box) => overlap(anchor, box) >= IGNORED_OVERLAP))
      targets.classes[row] = -1;
  }
}

/** What an anchor is to find; `between` where it is neither face nor background. */
type Assignment = LabelledFace | 'between' | undefined;

function assignedFaces(anchors: readonly FaceAnchor[], faces: readonly LabelledFace[]): Assignment[] {
  const best = faces.map(() => ({ anchor: -1, overlap: 0 }));
  const assigned = anchors.map((anchor, index): Assignment => {
    let match: LabelledFace | undefined;
    let greatest = 0;
    for (const [place, face] of faces.entries()) {
      const shared = overlap(anchor, face.box);
      const ofFace = best[place];
      if (ofFace !== undefined && shared > ofFace.overlap) best[place] = { anchor: index, overlap: shared };
      if (shared > greatest) [match, greatest] = [face, shared];
    }
    if (greatest >= FACE_OVERLAP) return match;
    return greatest >= BACKGROUND_OVERLAP ? 'between' : undefined;
  });
  // The one anchor of a close-up is for the face in its middle, not for whichever else is in view.
  if (anchors.length === 1) return assigned;
  for (const [place, { anchor }] of best.entries()) if (anchor >= 0) assigned[anchor] = faces[place];
  return assigned;
}

/** Offsets of centres and points in tenths of the anchor's side, log sizes in fifths: what decodeRetinaFace reads. */
function writeFace(targets: AnchorTargetArrays, row: number, anchor: FaceAnchor, face: LabelledFace): void {
  const { centreX, centreY, side } = anchor;
  const { box, landmarks } = face;
  const reach = CENTRE_VARIANCE * side;
  targets.classes[row] = 1;
  targets.boxes.set(
    [
      (box.x + box.width / 2 - centreX) / reach,
      (box.y + box.height / 2 - centreY) / reach,
      Math.log(box.width / side) / SIZE_VARIANCE,
      Math.log(box.height / side) / SIZE_VARIANCE,
    ],
    row * BOX_LENGTH,
  );
  if (landmarks === undefined) return;
  targets.landmarkMask[row] = 1;
  targets.landmarks.set(
    landmarkPoints(landmarks).flatMap(({ x, y }) => [(x - centreX) / reach, (y - centreY) / reach]),
    row * LANDMARKS_LENGTH,
  );
}

/** A box that is smaller than every anchor would overlap none of them enough. */
function atLeastAnAnchor(box: BoundingBox, anchors: readonly FaceAnchor[]): BoundingBox {
  const smallest = anchors[0]?.side ?? 0;
  const [width, height] = [Math.max(box.width, smallest), Math.max(box.height, smallest)];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** Intersection over union of an anchor and a box. */
function overlap({ centreX, centreY, side }: FaceAnchor, { x, y, width, height }: BoundingBox): number {
  const across = Math.min(centreX + side / 2, x + width) - Math.max(centreX - side / 2, x);
  const down = Math.min(centreY + side / 2, y + height) - Math.max(centreY - side / 2, y);
  if (across <= 0 || down <= 0) return 0;
  const shared = across * down;
  return shared / (side * side + width * height - shared);
}
