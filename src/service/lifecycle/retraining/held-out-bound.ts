import type { ModelManifest } from '../../../core/models/manifest.js';
import { defaultRetrainingPolicy } from './retraining-policy.js';

/**
 * Enrolled identities whose place is below were trained on neither by a model nor by those that it was fine-tuned from:
 * all of them, where it was never fine-tuned here.
 */
export function heldOutBelowOf(manifest: ModelManifest): number {
  if (manifest.kind === 'detector' || manifest.lineage === undefined) return 1;
  // Versions of before it was recorded were trained with the default, unless somebody asked for another.
  return manifest.lineage.heldOutBelow ?? defaultRetrainingPolicy.holdOutFraction;
}
