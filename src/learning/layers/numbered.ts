import type { NamedLayers } from './composition.js';
import type { LayerDefinition } from './layer.js';

/** Names layers `prefix1`, `prefix2` and so on. */
export function numbered(prefix: string, definitions: readonly LayerDefinition[]): NamedLayers {
  return Object.fromEntries(definitions.map((definition, index) => [`${prefix}${index + 1}`, definition]));
}
