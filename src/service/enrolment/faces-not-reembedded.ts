import { Failure } from '../../core/failure.js';

/** The failure that faces have no template of the version that serves: those of other versions cannot be compared. */
export function facesNotReembedded(modelVersion: string, count: number): Failure {
  return new Failure(
    'FACES_NOT_REEMBEDDED',
    `${count} enrolled faces have no template under the model that serves (${modelVersion}). ` +
      'Activate the model that they were enrolled under, or enrol them again.',
    { model_version: modelVersion, face_count: String(count) },
  );
}
