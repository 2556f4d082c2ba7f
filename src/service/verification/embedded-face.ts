import { Failure } from '../../core/failure.js';
import type { AnalysedFace, AnalysisResult } from '../../inference/analyser/face-analysis.js';
import { analysedImage } from './analysed-image.js';

/**
 * The one selected face of an image with its embedding.
 * @param field proto path of the image
 * @throws Failure of the image, naming the field
 */
export function embeddedFace(
  outcome: AnalysisResult | undefined,
  field: string,
): { readonly face: AnalysedFace; readonly embedding: Float32Array } {
  const [face] = analysedImage(outcome, field).faces;
  if (face?.embedding === undefined) {
    throw new Failure('FACE_NOT_FOUND', 'No face was found in the image.', { field });
  }
  return { face, embedding: face.embedding };
}
