import type { BackboneManifest } from '../../core/models/manifest.js';

/** A network as it would serve. */
export interface ServingNetwork {
  readonly graph: Uint8Array;
  readonly manifest: BackboneManifest;
}
