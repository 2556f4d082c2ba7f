import { Failure, type FailureReason } from '../../core/failure.js';
import type { AnalysedImage, AnalysisResult } from '../../inference/analyser/face-analysis.js';

/** The reasons that say nothing of the image and may not hold the next time. */
const passingReasons: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'WORKER_LOST',
  'NO_WORKER',
  'SHUTTING_DOWN',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
]);

/** Whether an outcome without an image says something of it: of one that was not looked at, nothing is known. */
export function isOfImage(error: unknown): error is Failure {
  return error instanceof Failure && !passingReasons.has(error.reason);
}

/**
 * The image of an outcome; where there is none its error, naming the request field that the image came from where the image
 * is at fault.
 * @param field proto path of the image, for example `image_a`
 */
export function analysedImage(outcome: AnalysisResult | undefined, field: string): AnalysedImage {
  if (outcome === undefined) throw new Error('the engine answered fewer outcomes than it was asked for');
  if (outcome.ok) return outcome.image;
  const { error } = outcome;
  if (!isOfImage(error)) throw error;
  throw new Failure(
    error.reason,
    error.message,
    { ...error.metadata, field },
    [...error.fieldViolations, { field, description: error.message }],
    { cause: error },
  );
}
