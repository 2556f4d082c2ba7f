import type { Landmarks } from '../../core/faces/landmarks.js';

/** What is known of the faces of a source beside their images, by the source's index. */
export interface FaceMeasures {
  /** Whether somebody has looked for a face. */
  isTagged(face: number): boolean;
  hasFace(face: number): boolean;
  /** Whether the image could not be read when it was looked at, and is left out by choice. */
  isUnreadable(face: number): boolean;
  /** ρ; 0 where it is not known or there is no face, as the paper sets it */
  rhoOf(face: number): number;
  /** The landmarks in pixels of the image; undefined where they are not known or there is no face. */
  landmarksOf(face: number): Landmarks | undefined;
  /** How the SHA-256 of the measured image begins, hex; undefined where it need not be compared */
  digestStartOf(face: number): string | undefined;
}
