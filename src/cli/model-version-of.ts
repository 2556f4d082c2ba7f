import type { ModelVersion__Output } from '../generated/symface/v1/ModelVersion.js';

/** The version that a response must carry. */
export function modelVersionOf(response: {
  readonly modelVersion: ModelVersion__Output | null;
}): ModelVersion__Output {
  if (response.modelVersion === null) throw new Error('The server answered without a model version.');
  return response.modelVersion;
}
