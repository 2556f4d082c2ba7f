import { Failure } from '../failure.js';
import type { RecordedThreshold } from '../model/manifest.js';

/** The cosine similarity a decision is made with, and where it came from. */
export interface SimilarityThreshold {
  readonly similarity: number;
  readonly origin: 'request' | 'model-version';
  /** For people. */
  readonly description: string;
}

/**
 * The request's threshold where it has one, else the one recorded with the model version.
 * @param requested cosine similarity in [-1, 1]
 * @throws Failure INVALID_ARGUMENT (field `similarity_threshold`) for a number that is no cosine similarity,
 *   THRESHOLD_NOT_CALIBRATED where there is neither
 */
export function resolveThreshold(
  requested: number | undefined,
  recorded: RecordedThreshold | undefined,
): SimilarityThreshold {
  if (requested !== undefined) {
    requireCosine(requested);
    return { similarity: requested, origin: 'request', description: 'set by the request' };
  }
  if (recorded === undefined) {
    throw new Failure(
      'THRESHOLD_NOT_CALIBRATED',
      'The active model version records no similarity threshold. Set similarity_threshold in the request, ' +
        'or import the model with a similarityThreshold in its manifest.',
    );
  }
  return { ...recorded, origin: 'model-version' };
}

/** @throws Failure INVALID_ARGUMENT (field `similarity_threshold`) for a number that is no cosine similarity */
export function requireCosine(similarity: number): void {
  if (similarity >= -1 && similarity <= 1) return;
  const description = `must be a cosine similarity from -1 to 1, got ${similarity}`;
  throw new Failure('INVALID_ARGUMENT', `similarity_threshold ${description}.`, {}, [
    { field: 'similarity_threshold', description },
  ]);
}

/** Two faces match from the threshold on. */
export function isMatch(similarity: number, threshold: SimilarityThreshold): boolean {
  return similarity >= threshold.similarity;
}
