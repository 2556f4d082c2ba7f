import type { ResizeBilinearAttrs } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import { castTo } from './conversion.js';
import { gatherPositions } from './indexing.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { vector } from './operators.js';
import { dimensions4d } from './window.js';

/** Resizes with ONNX' operator, by factors and not extents, so that the batch size stays out of it. */
function resize(
  graph: GraphBuilder,
  images: TracedValue,
  [newHeight, newWidth]: readonly [number, number],
  attributes: Readonly<Record<string, string>>,
): TracedValue {
  const [batch, height, width, channels] = dimensions4d(images.shape);
  const factors = [1, 1, scaleFactor(height, newHeight), scaleFactor(width, newWidth)];
  // The second input, a region of interest, belongs to another mode.
  const inputs = [arrange(graph, images, CHANNELS_FIRST), '', vector(graph, factors, 'float32')];
  return {
    name: graph.node('Resize', inputs, attributes),
    shape: [batch, newHeight, newWidth, channels],
    elementType: 'float32',
    order: CHANNELS_FIRST,
  };
}

/** The factor as a 32-bit float; ONNX rounds the new extent down, so it must not fall short of it. */
function scaleFactor(extent: number, newExtent: number): number {
  const factor = Math.fround(newExtent / extent);
  if (Math.floor(Math.fround(factor * extent)) >= newExtent) return factor;
  const bits = new Uint32Array(Float32Array.of(factor).buffer);
  bits[0] = (bits[0] ?? 0) + 1;
  return new Float32Array(bits.buffer)[0] ?? factor;
}

function resizeBilinear(
  graph: GraphBuilder,
  images: TracedValue,
  { size, alignCorners, halfPixelCenters }: ResizeBilinearAttrs,
): TracedValue {
  let mode = 'asymmetric';
  if (alignCorners) mode = 'align_corners';
  else if (halfPixelCenters) mode = 'half_pixel';
  return resize(graph, castTo(graph, images, 'float32'), size, {
    mode: 'linear',
    coordinate_transformation_mode: mode,
  });
}

/**
 * Enlarging by a whole factor repeats pixels, as ONNX' operator does. For any other ratio its rounding
 * of coordinates differs from tfjs' by an ulp, that is, by a pixel: the pixels are picked by position.
 */
function resizeNearest(
  graph: GraphBuilder,
  images: TracedValue,
  attributes: ResizeBilinearAttrs,
): TracedValue {
  const { size, alignCorners, halfPixelCenters } = attributes;
  const [, height, width] = dimensions4d(images.shape);
  const [newHeight, newWidth] = size;
  const isWhole = newHeight % height === 0 && newWidth % width === 0;
  if (isWhole && !alignCorners && !halfPixelCenters && images.elementType === 'float32') {
    return resize(graph, images, size, {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  }
  const rows = gatherPositions(graph, images, 1, nearestPositions(height, newHeight, attributes));
  return gatherPositions(graph, rows, 2, nearestPositions(width, newWidth, attributes));
}

/** The source positions that tfjs takes, from its ResizeNearestNeighbor kernel. */
function nearestPositions(
  extent: number,
  newExtent: number,
  { alignCorners, halfPixelCenters }: ResizeBilinearAttrs,
): number[] {
  const isAligned = alignCorners && newExtent > 1;
  const ratio = isAligned ? (extent - 1) / (newExtent - 1) : extent / newExtent;
  return Array.from({ length: newExtent }, (_, position) => {
    const source = ratio * (halfPixelCenters ? position + 0.5 : position);
    return Math.min(extent - 1, alignCorners ? Math.round(source) : Math.floor(source));
  });
}

export const RESIZING_RULES: KernelRules = {
  ResizeBilinear: ({ images }: Inputs<'images'>, attributes: ResizeBilinearAttrs, graph) =>
    resizeBilinear(graph, images, attributes),
  ResizeNearestNeighbor: ({ images }: Inputs<'images'>, attributes: ResizeBilinearAttrs, graph) =>
    resizeNearest(graph, images, attributes),
};
