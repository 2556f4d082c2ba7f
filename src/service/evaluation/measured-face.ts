import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { AnalysedFace } from '../../inference/analyser/face-analysis.js';

/**
 * The part of a face that a benchmark keeps.
 * @param isDetected whether its landmarks were found in the image, not given
 */
export function measuredFace(
  { quality, rho }: AnalysedFace,
  embedding: Float32Array,
  isDetected: boolean,
): MeasuredImage {
  return {
    embedding,
    embeddingNorm: quality.embeddingNorm,
    rho: isDetected ? rho : undefined,
    quality: {
      faceSizePixels: isDetected ? quality.faceSizePixels : undefined,
      sharpness: quality.sharpness,
      absoluteYawDegrees: isDetected ? Math.abs(quality.pose.yawDegrees) : undefined,
    },
    appearance: quality.appearance,
  };
}
