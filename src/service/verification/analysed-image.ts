import { Failure } from '../../core/failure.js';
import type { AnalysedImage, AnalysisResult } from '../../inference/analyser/face-analysis.js';

/**
 * The image of an outcome; where there is none its error, naming the request field that the image came from.
 * @param field proto path of the image, for example `image_a`
 */
export function analysedImage(outcome: AnalysisResult | undefined, field: string): AnalysedImage {
  if (outcome === undefined) throw new Error('the engine answered fewer outcomes than it was asked for');
  if (outcome.ok) return outcome.image;
  const { error } = outcome;
  if (!(error instanceof Failure)) throw error;
  throw new Failure(
    error.reason,
    error.message,
    { ...error.metadata, field },
    [...error.fieldViolations, { field, description: error.message }],
    { cause: error },
  );
}
