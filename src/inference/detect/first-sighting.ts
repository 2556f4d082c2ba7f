import type { DetectedFace } from '../../core/faces/face.js';
import { intersectionOverUnion, suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import { isCertainlyFace, surenessOf } from './sureness.js';

/** The probability by which a later look has to be surer of a face for its place to be taken from there. */
const surerBy = 0.15;

/**
 * The faces that several looks have shown, each where the first of these placed it. What a face was found with is not to be compared
 * among looks: in the closer one the whole head of a profile is larger than the faces that the network knows best, and it is surer of the
 * ear's side than of the face's. So the surest of the looks is another one in each copy of a photograph, and the landmarks jump. A face of
 * which the first look was certain is looked at again for the sake of others, and stays as the surest look has it: all agree on it.
 * @param faces the surest sighting of each; their probabilities stay
 * @param sightings all, of the first look first
 * @param maximumOverlap intersection over union from which on two boxes are of one face
 * @returns most probable first
 */
export function placedByFirstSighting(
  faces: readonly DetectedFace[],
  sightings: readonly DetectedFace[],
  maximumOverlap: number,
): readonly DetectedFace[] {
  const placed = faces.map((face) => {
    const first = sightings.find(({ box }) => intersectionOverUnion(box, face.box) >= maximumOverlap);
    if (first === undefined || isCertainlyFace(surenessOf(first))) return face;
    if (face.probability > first.probability + surerBy) return face;
    return { ...first, probability: face.probability };
  });
  // Two sightings of the closer look may both be of one that the first look shows.
  return suppressOverlaps(placed, maximumOverlap);
}
