import type { BoundingBox, Landmarks } from '../../../core/faces/landmarks.js';
import { landmarkPoints } from '../../../core/faces/landmarks.js';
import type { FaceLabel } from '../../../datasets/face-labels/photograph-labels.js';
import type { LabelledFace } from '../detector-sample.js';
import { boxArea, boxSide, clippedBox, grownBox, shareWithin } from './box-area.js';
import { type Placement, placedEllipseBox, placedLandmarks, rollDegrees } from './placement.js';

/** From here on a face is too far turned to be asked for; from the next on it is no face. */
const DOUBTFUL_ROLL_DEGREES = 60;
const NO_FACE_ROLL_DEGREES = 100;
/** A face of which less is in the image is doubtful; below the next it is a part of one, and background. */
const DOUBTFUL_VISIBLE_SHARE = 0.4;
const NO_FACE_VISIBLE_SHARE = 0.15;
/** Smaller faces are not asked for. */
export const SMALLEST_FACE_PIXELS = 8;
/** Landmarks that lie further beyond the image, as a share of its side, cannot be told from it. */
const LANDMARKS_BEYOND = 0.08;

/** What a face in an image is to the training. */
export type FaceRole = 'face' | 'ignored' | 'background';

export interface FaceSituation {
  /** Clockwise, any number of degrees. */
  readonly rollDegrees: number;
  /** 0 to 1. */
  readonly visibleShare: number;
  readonly sidePixels: number;
  readonly agreed: boolean;
}

export function roleOfFace({ rollDegrees: roll, visibleShare, sidePixels, agreed }: FaceSituation): FaceRole {
  // The distance from upright, 0 to 180.
  const turned = Math.abs(((((roll + 180) % 360) + 360) % 360) - 180);
  if (turned > NO_FACE_ROLL_DEGREES || visibleShare < NO_FACE_VISIBLE_SHARE) return 'background';
  const isSure =
    agreed &&
    turned < DOUBTFUL_ROLL_DEGREES &&
    visibleShare >= DOUBTFUL_VISIBLE_SHARE &&
    sidePixels >= SMALLEST_FACE_PIXELS;
  return isSure ? 'face' : 'ignored';
}

/** A photograph's piece on the canvas. */
export interface PlacedPiece {
  readonly placement: Placement;
  /** What of the photograph is painted, in its pixels. */
  readonly region: BoundingBox;
  readonly photograph: {
    readonly width: number;
    readonly height: number;
    readonly faces: readonly FaceLabel[];
  };
}

/** The faces of a piece on the canvas; those that are background there are left out. */
export function placedFaces(
  { placement, region, photograph }: PlacedPiece,
  side: number,
): readonly LabelledFace[] {
  const canvas: BoundingBox = { x: 0, y: 0, width: side, height: side };
  return photograph.faces.flatMap((face) => {
    const box = placedEllipseBox(placement, face.box);
    const visible = clippedBox(box, canvas);
    if (boxArea(visible) <= 0) return [];
    const role = roleOfFace({
      rollDegrees: placedRoll(placement, face.landmarks),
      visibleShare: shareWithin(box, canvas) * shareOfPhotographed(face.box, region, photograph),
      sidePixels: boxSide(box),
      agreed: face.agreed,
    });
    if (role === 'background') return [];
    const landmarks = face.landmarks === undefined ? undefined : placedLandmarks(placement, face.landmarks);
    const isLocated = landmarks !== undefined && role === 'face' && areNear(landmarks, canvas);
    return [{ box: visible, ignored: role === 'ignored', ...(isLocated ? { landmarks } : {}) }];
  });
}

function placedRoll({ transform, mirrored }: Placement, landmarks: Landmarks | undefined): number {
  const rotation = (Math.atan2(transform.b, transform.a) * 180) / Math.PI;
  if (landmarks === undefined) return rotation;
  return rotation + (mirrored ? -1 : 1) * rollDegrees(landmarks);
}

/** Of what the photograph shows of the box, the share in the region: boxes may reach over the photograph's border. */
function shareOfPhotographed(
  box: BoundingBox,
  region: BoundingBox,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  return shareWithin(clippedBox(box, { x: 0, y: 0, width, height }), region);
}

function areNear(landmarks: Landmarks, canvas: BoundingBox): boolean {
  const near = grownBox(canvas, LANDMARKS_BEYOND);
  return landmarkPoints(landmarks).every(
    ({ x, y }) => x >= near.x && y >= near.y && x <= near.x + near.width && y <= near.y + near.height,
  );
}
