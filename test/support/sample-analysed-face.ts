import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import type { AnalysedFace } from '../../src/inference/analyser/face-analysis.js';

/** A plausible face as the engine answers it, without embedding. */
export const sampleAnalysedFace: AnalysedFace = {
  box: { x: 10, y: 20, width: 90, height: 100 },
  landmarks: arcFaceTemplate.landmarks,
  probability: 0.99,
  rho: 0.875,
  noseOffsetPixels: 0.378,
  quality: {
    faceSizePixels: 90,
    detectionProbability: 0.99,
    sharpness: 250,
    brightness: 120,
    pose: { yawDegrees: 1, pitchDegrees: -2, rollDegrees: 3 },
    embeddingNorm: 17,
    utility: 90,
    occlusion: { mouth: 0.01, nose: 0.01, eyes: 0.02 },
    detailPixels: 60,
    appearance: [0.5, 0],
  },
};
