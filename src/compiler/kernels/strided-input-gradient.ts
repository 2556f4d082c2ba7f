import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import { convolveBlocks, fromBlocks, toBlocks } from './blocked-convolution.js';

type Window = backendUtil.Conv2DInfo;

/** Every how many-th position of x along an axis, from one of the first on: they see the same part of the filter. */
interface Phase {
  /** The places that they see in the turned filter: from this one on, a stride apart. */
  readonly firstPlace: number;
  readonly placeCount: number;
  /** The zeros before and after dL/dy. */
  readonly pads: readonly [number, number];
}

/** The phases of height and width, in the order of their first positions. */
interface Phases {
  readonly rows: readonly Phase[];
  readonly columns: readonly Phase[];
}

/** undefined where there are not equally many positions in each phase, or one sees nothing of dL/dy. */
export function phasesOf(window: Window): Phases | undefined {
  const rows = axisPhases({
    size: window.inHeight,
    outSize: window.outHeight,
    filterSize: window.filterHeight,
    stride: window.strideHeight,
    before: window.padInfo.top,
  });
  const columns = axisPhases({
    size: window.inWidth,
    outSize: window.outWidth,
    filterSize: window.filterWidth,
    stride: window.strideWidth,
    before: window.padInfo.left,
  });
  return rows === undefined || columns === undefined ? undefined : { rows, columns };
}

interface Axis {
  readonly size: number;
  readonly outSize: number;
  readonly filterSize: number;
  readonly stride: number;
  /** Padding before x. */
  readonly before: number;
}

function axisPhases({ size, outSize, filterSize, stride, before }: Axis): readonly Phase[] | undefined {
  if (size % stride !== 0 || filterSize < stride) return undefined;
  const phases = Array.from({ length: stride }, (_, first): Phase => {
    // Position `first + stride·j` was seen by output `j + ahead - t` at the place `offset + stride·t` of the filter.
    const offset = (first + before) % stride;
    const ahead = (first + before - offset) / stride;
    const placeCount = Math.ceil((filterSize - offset) / stride);
    return {
      firstPlace: filterSize - 1 - offset - stride * (placeCount - 1),
      placeCount,
      pads: [placeCount - 1 - ahead, size / stride + ahead - outSize],
    };
  });
  return phases.every(({ pads }) => pads.every((pad) => pad >= 0)) ? phases : undefined;
}

/** A filter in blocks, turned by 180 degrees, as rows of numbers that lie together: [rest, height, width, row]. */
export interface TurnedFilter {
  readonly name: string;
  readonly rowSize: number;
  /** Extents of the filter of a convolution of dL/dy but height and width. */
  readonly channels: readonly [number, number];
}

/**
 * dL/dx of a convolution with strides: the convolution of dL/dy, with zeros between its pixels, with the turned filter.
 * Rather than by zeros it is computed by phases, each the convolution of dL/dy itself with some places of the filter; then
 * their pixels are put side by side, in blocks.
 */
export function phasedInputGradient(
  graph: GraphBuilder,
  dy: TracedValue,
  filter: TurnedFilter,
  { window, groups }: { readonly window: Window; readonly groups: number },
  { rows, columns }: Phases,
): TracedValue {
  const { batchSize, inChannels, inHeight, inWidth, inShape } = window;
  const block = graph.target.channelBlock ?? 1;
  const images = toBlocks(graph, arrange(graph, dy, CHANNELS_FIRST));
  const maps = (batchSize * inChannels) / block;
  const height = inHeight / rows.length;
  const width = inWidth / columns.length;
  const rowsOfX = rows.map((row) => {
    const pixels = columns.map((column) => {
      const phase = convolveBlocks(graph, images, placesOf(graph, filter, window, { row, column }), {
        group: groups,
        kernel_shape: [row.placeCount, column.placeCount],
        pads: [row.pads[0], column.pads[0], row.pads[1], column.pads[1]],
      });
      return graph.reshape(phase, [maps, height, width, block]);
    });
    return graph.reshape(join(graph, pixels, 3), [maps, height, inWidth * block]);
  });
  const whole = graph.reshape(join(graph, rowsOfX, 2), [batchSize, inChannels, inHeight, inWidth]);
  const name = fromBlocks(graph, whole, inChannels);
  return { name, shape: inShape, elementType: dy.elementType, order: CHANNELS_FIRST };
}

function join(graph: GraphBuilder, parts: readonly string[], axis: number): string {
  const [only = ''] = parts;
  return parts.length === 1 ? only : graph.node('Concat', parts, { axis });
}

function placesOf(
  graph: GraphBuilder,
  { name, rowSize, channels: [outer, inner] }: TurnedFilter,
  { filterHeight, filterWidth, strideHeight, strideWidth }: Window,
  { row, column }: { readonly row: Phase; readonly column: Phase },
): string {
  const places = graph.slice(
    graph.reshape(name, [(outer * inner) / rowSize, filterHeight, filterWidth, rowSize]),
    {
      axes: [1, 2],
      starts: [row.firstPlace, column.firstPlace],
      ends: [filterHeight, filterWidth],
      steps: [strideHeight, strideWidth],
    },
  );
  return graph.reshape(places, [outer, inner, row.placeCount, column.placeCount]);
}
