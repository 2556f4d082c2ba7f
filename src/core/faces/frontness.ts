import type { Landmarks } from './landmarks.js';

/** Frontness τ above which a face counts as symmetric (SymFace section 3.1.2); ρ > 0.2 means D < 2 px. */
const defaultFrontnessThreshold = 0.2;

/**
 * D (SymFace Eq. 6): how far the nose lies left or right of the middle of the eyes.
 *
 * Mirroring the crop leaves D as it is. A mirrored photograph that is aligned anew has a D that differs by up to
 * 0.011 of the nose's distance below the eyes (0.2 px), since ArcFace's template itself is turned by 0.3 degrees.
 *
 * @param cropLandmarks in pixels of the 112x112 ArcFace crop (`landmarksInCrop(landmarks, arcFaceTemplate)`),
 *   whatever crop the backbone takes: τ means nothing at another scale
 */
export function noseOffsetPixels(cropLandmarks: Landmarks): number {
  const { leftEye, rightEye, nose } = cropLandmarks;
  return Math.abs(nose.x - (leftEye.x + rightEye.x) / 2); // D = |n_x - (e_x^l + e_x^r) / 2|   (Eq. 6)
}

/**
 * Symmetric orientation coefficient ρ (SymFace Eq. 7).
 * @param offsetPixels D of {@link noseOffsetPixels}; undefined where no landmarks were found
 * @returns in (0, 1], 1 for a frontal face; 0 without landmarks, as the paper sets it
 */
export function frontness(offsetPixels: number | undefined): number {
  if (offsetPixels === undefined) return 0;
  return 1 / (1 + offsetPixels * offsetPixels); // ρ = 1 / (1 + D^2)   (Eq. 7)
}

/** Whether a face may be split into halves: ρ > τ (SymFace Eq. 9). */
export function isSymmetric(rho: number, tau: number = defaultFrontnessThreshold): boolean {
  return rho > tau;
}
