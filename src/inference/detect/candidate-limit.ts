import type { DetectedFace } from '../../core/faces/face.js';
import { Failure } from '../../core/failure.js';

/** How many of the faces that a look shows are looked at from near, which takes the time of a detection in a crowd. */
export interface CandidateLimit {
  readonly maximum: number;
  /** What those are chosen by, the least first; where it is absent, a photograph with more is refused. */
  readonly rank: ((face: DetectedFace) => number) | undefined;
}

/** Some of what the network takes for faces turns out to be none. */
const candidatesPerFace = 1.5;
/** One face is wanted: the best of so many is one. */
const candidatesForOne = 128;

/** @param maximumFaces that are described */
export function candidateLimit(maximumFaces: number, rank: CandidateLimit['rank']): CandidateLimit {
  return { maximum: rank === undefined ? maximumFaces * candidatesPerFace : candidatesForOne, rank };
}

/**
 * The candidates, or the best of them where they are too many.
 * @throws Failure MULTIPLE_FACES where they are too many to be looked at, and all are wanted
 */
export function withinLimit(
  candidates: readonly DetectedFace[],
  { maximum, rank }: CandidateLimit,
): readonly DetectedFace[] {
  if (candidates.length <= maximum) return candidates;
  if (rank === undefined) throw tooManyFaces(candidates.length, Math.floor(maximum / candidatesPerFace));
  return candidates.toSorted((a, b) => rank(a) - rank(b)).slice(0, maximum);
}

/** @param maximum that are described */
export function tooManyFaces(faceCount: number, maximum: number): Failure {
  return new Failure(
    'MULTIPLE_FACES',
    `The photograph shows ${faceCount} faces; at most ${maximum} are described. Send parts of it, ask for no crops, ` +
      'or select the largest face.',
    { face_count: String(faceCount), maximum_faces: String(maximum) },
  );
}
