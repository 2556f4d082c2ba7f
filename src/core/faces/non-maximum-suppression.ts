import type { BoundingBox } from './landmarks.js';

/** Shared area over joint area, 0 to 1; 0 where both boxes are empty. */
export function intersectionOverUnion(a: BoundingBox, b: BoundingBox): number {
  const intersection = intersectionArea(a, b);
  if (intersection === 0) return 0;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}

function intersectionArea(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** A box and how probably, 0 to 1, it holds what was looked for. */
interface Detection {
  readonly box: BoundingBox;
  readonly probability: number;
}

/**
 * Greedy non-maximum suppression: of boxes that overlap, the most probable stays.
 * @param maximumOverlap intersection over union from which on the less probable of two boxes is dropped
 * @returns most probable first; equally probable ones in the order given
 */
export function suppressOverlaps<D extends Detection>(
  detections: readonly D[],
  maximumOverlap: number,
): readonly D[] {
  const kept: D[] = [];
  for (const candidate of detections.toSorted((a, b) => b.probability - a.probability)) {
    const isDuplicate = kept.some(({ box }) => intersectionOverUnion(box, candidate.box) >= maximumOverlap);
    if (!isDuplicate) kept.push(candidate);
  }
  return kept;
}

/**
 * Of a box that lies in another, keeps one: an eye or a cheek of a large face may have been taken for a face, or two
 * neighbours together for one. The larger stays unless it is the less probable by more than {@link trustInLarger}.
 * @param maximumShareInside share of the smaller box's area, 0 to 1, that may lie in the larger
 * @returns most probable first; equally probable ones in the order given
 */
export function suppressNested<D extends Detection>(
  detections: readonly D[],
  maximumShareInside: number,
): readonly D[] {
  return detections
    .filter((detection) => !detections.some((other) => displaces(other, detection, maximumShareInside)))
    .toSorted((a, b) => b.probability - a.probability);
}

/** The probability that a part of a face has more than the face at most, as a detector sees them. */
const trustInLarger = 0.2;

function displaces(a: Detection, b: Detection, maximumShareInside: number): boolean {
  const [areaA, areaB] = [a.box.width * a.box.height, b.box.width * b.box.height];
  if (areaA === areaB || intersectionArea(a.box, b.box) <= maximumShareInside * Math.min(areaA, areaB)) {
    return false;
  }
  return areaA > areaB
    ? a.probability >= b.probability - trustInLarger
    : a.probability > b.probability + trustInLarger;
}
