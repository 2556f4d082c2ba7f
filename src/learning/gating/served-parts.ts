import type { Graph } from '../../onnx/graph.js';
import { withoutProjection, withProjection } from '../projection/projected-graph.js';
import type { EmbeddingProjection } from '../projection/within-class-whitening.js';
import { withoutSmoothing, withSmoothing } from '../smoothing/smoothed-graph.js';
import { gatedGraph, type Gating, withoutGating } from './gated-graph.js';

/** What a file has besides the network that is trained. */
export interface ServedParts {
  /** The deviation by which the network's crops are smoothed, in pixels of the crop; 0: they are not. */
  readonly smoothingPixels: number;
  /** Behind the network. */
  readonly projection: EmbeddingProjection | undefined;
  /** The network for all other faces, and what tells them apart. */
  readonly gating: Gating | undefined;
}

export const noParts: ServedParts = { smoothingPixels: 0, projection: undefined, gating: undefined };

/** A network as it serves, with all that belongs to it. @param network its ONNX file */
export function servedGraph(
  network: Uint8Array,
  { smoothingPixels, projection, gating }: ServedParts,
): Uint8Array {
  const smoothed = withSmoothing(network, smoothingPixels);
  const projected = projection === undefined ? smoothed : withProjection(smoothed, projection);
  return gating === undefined ? projected : gatedGraph(projected, gating);
}

/** Undoes {@link servedGraph}. @throws Failure MODEL_INVALID where the file is no ONNX file */
export function takenApart(file: Uint8Array): { readonly graph: Graph; readonly parts: ServedParts } {
  const { graph: projected, gating } = withoutGating(file);
  const { graph: smoothed, projection } = withoutProjection(projected);
  const { graph, deviationPixels } = withoutSmoothing(smoothed);
  return { graph, parts: { smoothingPixels: deviationPixels, projection, gating } };
}
