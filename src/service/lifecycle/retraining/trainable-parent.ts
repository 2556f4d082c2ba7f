import { Failure } from '../../../core/failure.js';
import type { BackboneManifest, ModelVersion } from '../../../core/models/manifest.js';

/**
 * The model version as one that can be fine-tuned, as far as its manifest tells; whether its graph can be is seen when
 * training reads it. Faces are aligned to whatever template it has: enrolled ones have crops with a margin.
 * @throws Failure MODEL_NOT_TRAINABLE saying why not
 */
export function requireTrainable({ id, manifest }: ModelVersion): BackboneManifest {
  if (manifest.kind === 'detector')
    throw untrainable(id, `it is a ${manifest.kind}. Name or activate a backbone.`);
  if (manifest.precision === 'int8')
    throw untrainable(id, 'its weights are in 8 bits. Name or activate the version in 32 bits.');
  return manifest;
}

function untrainable(id: string, reason: string): Failure {
  return new Failure('MODEL_NOT_TRAINABLE', `${id} cannot be fine-tuned: ${reason}`, { model_version: id });
}
