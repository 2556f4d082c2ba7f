import { Failure } from '../failure.js';
import type { BoundingBox } from './landmarks.js';

/** Which of the faces found in a photograph to use. */
export type FaceSelectionPolicy = 'exactly-one' | 'largest' | 'central' | 'all';

/** What is needed of a face to choose it. */
interface BoxedFace {
  readonly box: BoundingBox;
}

/**
 * The faces that the policy chooses; `largest` means the largest area, `central` the box whose centre is nearest the
 * image's, and of equal ones the first.
 * `all` keeps the order and may be empty.
 * @throws Failure FACE_NOT_FOUND (`exactly-one`, `largest`, `central`), MULTIPLE_FACES (`exactly-one`; metadata `face_count`)
 */
export function selectFaces<Face extends BoxedFace>(
  faces: readonly Face[],
  policy: FaceSelectionPolicy,
  image: { readonly width: number; readonly height: number },
): readonly Face[] {
  if (policy === 'all') return faces;
  const [first, ...others] = faces;
  if (first === undefined) {
    throw new Failure(
      'FACE_NOT_FOUND',
      'No face was found. Send a photograph that shows the whole face, upright, sharp and evenly lit.',
    );
  }
  if (policy === 'central') {
    return [others.reduce((a, b) => (offCentre(b, image) < offCentre(a, image) ? b : a), first)];
  }
  if (policy === 'largest') return [others.reduce((a, b) => (boxArea(b) > boxArea(a) ? b : a), first)];
  if (others.length > 0) {
    throw new Failure(
      'MULTIPLE_FACES',
      `${faces.length} faces were found where exactly one is expected. ` +
        'Crop the photograph to one face, or ask for the largest face.',
      { face_count: String(faces.length) },
    );
  }
  return faces;
}

/**
 * What one face is chosen by, the least first; undefined where a policy wants all that there are, or to know how many.
 * @param image the size that `central` goes by
 */
export function selectionRank(
  policy: FaceSelectionPolicy,
  image: { readonly width: number; readonly height: number },
): ((face: BoxedFace) => number) | undefined {
  if (policy === 'largest') return (face) => -boxArea(face);
  if (policy === 'central') return (face) => offCentre(face, image);
  return undefined;
}

/** Squared distance of the box's centre from the image's. */
function offCentre(
  { box }: BoxedFace,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const x = box.x + box.width / 2 - width / 2;
  const y = box.y + box.height / 2 - height / 2;
  return x * x + y * y;
}

function boxArea({ box }: BoxedFace): number {
  return box.width * box.height;
}
