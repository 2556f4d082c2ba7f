import type { NamedLayers } from './composition.js';
import type { LayerDefinition } from './layer.js';
import { recomputed } from './recomputed.js';

/** Names layers `prefix1`, `prefix2` and so on: the blocks of a network, which may be recomputed on the way back. */
export function numbered(prefix: string, definitions: readonly LayerDefinition[]): NamedLayers {
  return Object.fromEntries(
    definitions.map((definition, index) => [`${prefix}${index + 1}`, recomputed(definition)]),
  );
}
