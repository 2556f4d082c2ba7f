import type { ModelManifest } from '../../../core/models/manifest.js';

/**
 * Enrolled identities whose place is below were trained on neither by a model nor by those that it was fine-tuned from:
 * all of them, where it was never fine-tuned here.
 */
export function heldOutBelowOf(manifest: ModelManifest): number {
  return manifest.kind === 'detector' ? 1 : (manifest.lineage?.heldOutBelow ?? 1);
}
