import type { Graph } from '../../onnx/graph.js';
import { withoutProjection, withProjection } from '../projection/projected-graph.js';
import type { EmbeddingProjection } from '../projection/within-class-whitening.js';
import { gatedGraph, type Gating, withoutGating } from './gated-graph.js';

/** What a file has besides the network that is trained. */
export interface ServedParts {
  /** Behind the network. */
  readonly projection: EmbeddingProjection | undefined;
  /** The network for all other faces, and what tells them apart. */
  readonly gating: Gating | undefined;
}

export const noParts: ServedParts = { projection: undefined, gating: undefined };

/** A network as it serves, with all that belongs to it. @param network its ONNX file */
export function servedGraph(network: Uint8Array, { projection, gating }: ServedParts): Uint8Array {
  const projected = projection === undefined ? network : withProjection(network, projection);
  return gating === undefined ? projected : gatedGraph(projected, gating);
}

/** Undoes {@link servedGraph}. @throws Failure MODEL_INVALID where the file is no ONNX file */
export function takenApart(file: Uint8Array): { readonly graph: Graph; readonly parts: ServedParts } {
  const { graph: projected, gating } = withoutGating(file);
  const { graph, projection } = withoutProjection(projected);
  return { graph, parts: { projection, gating } };
}
