import { Failure } from '../failure.js';
import type { BackboneManifest, ModelVersion } from '../model/manifest.js';

/**
 * The model version as one that can be fine-tuned, as far as its manifest tells; whether its graph can be is seen when
 * training reads it. Faces are aligned to whatever template it has: enrolled ones have crops with a margin.
 * @throws Failure MODEL_NOT_TRAINABLE saying why not
 */
export function requireTrainable({ id, manifest }: ModelVersion): BackboneManifest {
  if (manifest.kind === 'backbone') return manifest;
  throw new Failure(
    'MODEL_NOT_TRAINABLE',
    `${id} cannot be fine-tuned: it is a ${manifest.kind}. Name or activate a backbone.`,
    { model_version: id },
  );
}
