import type { DetectedFace } from './face.js';
import { Failure } from './failure.js';

/** Which of the faces found in a photograph to use. */
export type FaceSelectionPolicy = 'exactly-one' | 'largest' | 'all';

/**
 * The faces that the policy chooses; `largest` means the largest area, and of equal ones the first.
 * `all` keeps the order and may be empty.
 * @throws Failure FACE_NOT_FOUND (`exactly-one`, `largest`), MULTIPLE_FACES (`exactly-one`; metadata `face_count`)
 */
export function selectFaces(
  faces: readonly DetectedFace[],
  policy: FaceSelectionPolicy,
): readonly DetectedFace[] {
  if (policy === 'all') return faces;
  const [first, ...others] = faces;
  if (first === undefined) {
    throw new Failure(
      'FACE_NOT_FOUND',
      'No face was found. Send a photograph that shows the whole face, upright, sharp and evenly lit.',
    );
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

function boxArea({ box }: DetectedFace): number {
  return box.width * box.height;
}
