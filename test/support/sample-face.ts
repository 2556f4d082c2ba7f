import type { Face } from '../../src/generated/symface/v1/Face.js';

/** A plausible face of 40x50 pixels in a 100x80 photograph. */
export const sampleFace: Face = {
  box: { x: 20, y: 10, width: 40, height: 50 },
  landmarks: {
    leftEye: { x: 32, y: 28 },
    rightEye: { x: 48, y: 28 },
    nose: { x: 40, y: 38 },
    leftMouthCorner: { x: 34, y: 48 },
    rightMouthCorner: { x: 46, y: 48 },
  },
  frontness: { rho: 0.8, noseOffsetPixels: 0.5 },
  quality: {
    faceSizePixels: 40,
    detectionProbability: 0.99,
    sharpness: 120,
    brightness: 128,
    pose: { yawDegrees: 3, pitchDegrees: 1, rollDegrees: 0 },
    embeddingNorm: 0,
    utility: 90,
    occlusion: { mouth: 0.01, nose: 0.01, eyes: 0.02 },
    detailPixels: 60,
    appearance: [0.5, 0],
  },
};
