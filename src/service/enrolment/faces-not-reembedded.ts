import { Failure } from '../../core/failure.js';

/** Templates of different model versions cannot be compared, so a face without one of the version that serves is lost. */
export function facesNotReembedded(modelVersion: string, count: number): Failure {
  return new Failure(
    'FACES_NOT_REEMBEDDED',
    `${count} enrolled faces have no template under the model that serves (${modelVersion}). ` +
      'Activate the model that they were enrolled under, or enrol them again.',
    { model_version: modelVersion, face_count: String(count) },
  );
}
