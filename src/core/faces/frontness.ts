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

/** The step of the quadrature, in standard deviations, over which the normal density changes little. */
const widestStep = 0.5;
/** Where the normal density is below 1e-14 of its peak. */
const farthestDeviation = 8;

/**
 * E[ρ], what ρ is to be expected where each landmark's x is off by a normal error of a standard deviation of σ pixels. D is
 * then normal around the one that was measured, of the variance (1 + 1/4 + 1/4) σ²:
 *
 * E[ρ] = ∫ φ(t) / (1 + (D + √1.5 σ t)²) dt,
 *
 * a Voigt profile. A face that seems perfectly frontal counts less than 1, and one just beyond τ hardly less than one just
 * within it.
 *
 * @param rho as measured, 0 to 1; 0, which is no landmarks, stays 0
 * @param noisePixels σ in pixels of the 112x112 crop; 0 leaves ρ as it is
 */
export function expectedFrontness(rho: number, noisePixels: number): number {
  if (rho <= 0 || noisePixels === 0) return rho;
  const offset = Math.sqrt(1 / rho - 1); // D, of Eq. 7
  const deviation = Math.sqrt(1.5) * noisePixels;
  // Equally spaced, as is exact to rounding for a function without poles near the line: these are 1 / deviation away.
  const step = Math.min(widestStep, 0.2 / deviation);
  const steps = Math.ceil(farthestDeviation / step);
  let sum = 0;
  for (let index = -steps; index <= steps; index++) {
    const t = index * step;
    sum += Math.exp((-t * t) / 2) * frontness(offset + deviation * t);
  }
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

/** Whether a face may be split into halves: ρ > τ (SymFace Eq. 9). */
export function isSymmetric(rho: number, tau: number = defaultFrontnessThreshold): boolean {
  return rho > tau;
}
