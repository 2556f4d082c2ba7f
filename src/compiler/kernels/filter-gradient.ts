import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, reshapeValue, type TracedValue } from '../graph/traced-value.js';
import { channelsLast, convolveBlocks, fillsBlocks, fromBlocks, toBlocks } from './blocked-convolution.js';

type Window = backendUtil.Conv2DInfo;

/** C, N, H, W */
const CHANNELS_OUTERMOST = [3, 0, 1, 2] as const;

/**
 * Up to as many positions of an output channel, one product over all images is faster than one for each: the sum of so
 * many large matrices would take longer than it takes to bring the images side by side.
 */
const FEW_POSITIONS = 400;

/**
 * From as many input channels on, a convolution finds what its window sees faster than copies of it can be made: it copies
 * in rows of so many numbers.
 */
const LONG_ROW = 32;

/** So many terms of a product are read from neighbouring places; of more, a part of the images at a time is faster. */
const TERMS_AT_ONCE = 1568;

/** dL/dfilter. Output channels come group after group. */
export function filterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  { window, groups }: { readonly window: Window; readonly groups: number },
): TracedValue {
  const { inChannels, outChannels } = window;
  if (graph.target.hasRuntimeOperators && groups === 1 && filterShape[3] === outChannels) {
    return window.filterHeight * window.filterWidth > 1 && inChannels >= LONG_ROW
      ? spatialFilterGradient(graph, x, dy, window)
      : denseFilterGradient(graph, x, dy, filterShape, window);
  }
  const isDepthwise = groups === inChannels && inChannels === outChannels;
  if (isDepthwise && groups > 1 && fillsBlocks(graph, inChannels)) {
    return blockedDepthwiseFilterGradient(graph, x, dy, filterShape, window);
  }
  return correlatedFilterGradient(graph, x, dy, filterShape, window, groups);
}

/**
 * dL/dfilter as one convolution in three dimensions, height, width and channels of x, whose channels are the images: its
 * filter, dL/dy, is as large as all of a map and one channel deep, so that it comes to lie on each place of the window and
 * each input channel once. ONNX Runtime computes it as one matrix product, and brings together what the window sees piece
 * by piece, on all cores, in rows of the channels that lie side by side.
 */
function spatialFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  window: Window,
): TracedValue {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth } = window;
  const parts = partCount(batchSize, outHeight * outWidth);
  const images = graph.reshape(channelsLast(graph, x), [1, batchSize, inHeight, inWidth, inChannels]);
  const { attributes, height, width } = correlationOf(window);
  const [top, left, bottom, right] = attributes.pads;
  const correlation = graph.node('Conv', [images, filtersOfParts(graph, dy, window, parts)], {
    kernel_shape: [outHeight, outWidth, 1],
    dilations: [...attributes.dilations, 1],
    pads: [top, left, 0, bottom, right, 0],
    group: parts,
  });
  const perPart = graph.reshape(correlation, [parts, outChannels, height, width * inChannels]);
  const sum =
    parts === 1 ? perPart : graph.node('ReduceSum', [perPart, graph.integers([0])], { keepdims: 1 });
  const { filterHeight, filterWidth } = window;
  const cut = cutToWindow(graph, sum, window, inChannels);
  const name = graph.reshape(cut, [outChannels, filterHeight, filterWidth, inChannels]);
  return { name, shape: window.filterShape, elementType: x.elementType, order: CHANNELS_OUTERMOST };
}

/** How many parts the images are best taken in: all equally many, each with few enough positions. */
function partCount(batchSize: number, positions: number): number {
  let parts = 1;
  while (parts < batchSize && (batchSize % parts !== 0 || (batchSize / parts) * positions > TERMS_AT_ONCE))
    parts++;
  return parts;
}

/** dL/dy as [parts · O, images of a part, outHeight, outWidth, 1] */
function filtersOfParts(graph: GraphBuilder, dy: TracedValue, window: Window, parts: number): string {
  const { batchSize, outChannels, outHeight, outWidth } = window;
  const images = batchSize / parts;
  const split = graph.reshape(arrange(graph, dy, CHANNELS_FIRST), [
    parts,
    images,
    outChannels,
    outHeight * outWidth,
  ]);
  const filters = images === 1 ? split : graph.transpose(split, [0, 2, 1, 3]);
  return graph.reshape(filters, [parts * outChannels, images, outHeight, outWidth, 1]);
}

/**
 * dL/dfilter of a dense convolution as a matrix product: the pixels of x that each place in the window saw, times dL/dy,
 * summed over positions and images. It comes out as tfjs' filters lie, and is added to one without being moved.
 */
function denseFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  window: Window,
): TracedValue {
  const { batchSize, outChannels, inChannels, filterHeight, filterWidth, outHeight, outWidth } = window;
  const positions = outHeight * outWidth;
  const rows = filterHeight * filterWidth * inChannels;
  const isOverAll = positions <= FEW_POSITIONS;
  const order = isOverAll ? CHANNELS_OUTERMOST : CHANNELS_FIRST;
  const [images, dyMatrix] = [x, dy].map((value) => arrange(graph, value, order)) as [string, string];
  const views = windowViews(graph, images, window);
  const [only = ''] = views;
  // Side by side, so that dL/dy is read once and not once for each place.
  const joined = views.length === 1 ? only : graph.node('Concat', views, { axis: isOverAll ? 0 : 1 });
  const extents = [batchSize, outChannels, rows, positions] as const;
  const product = isOverAll
    ? productOverAll(graph, joined, dyMatrix, extents)
    : productPerImage(graph, joined, dyMatrix, extents);
  const name = graph.reshape(product, filterShape);
  return { name, shape: filterShape, elementType: x.elementType, order: [0, 1, 2, 3] };
}

type Extents = readonly [batch: number, outChannels: number, rows: number, positions: number];

function productPerImage(
  graph: GraphBuilder,
  views: string,
  dy: string,
  [batch, outChannels, rows, positions]: Extents,
): string {
  const left = graph.reshape(views, [batch, rows, positions]);
  const right = graph.reshape(dy, [batch, outChannels, positions]);
  const products = graph.node('FusedMatMul', [left, right], { transB: 1 }, 'com.microsoft');
  return graph.node('ReduceSum', [products, graph.integers([0])], { keepdims: 0 }); // [rows, out]
}

/** The product over images that lie channel by channel, all images of a channel side by side. */
function productOverAll(
  graph: GraphBuilder,
  views: string,
  dy: string,
  [batch, outChannels, rows, positions]: Extents,
): string {
  const left = graph.reshape(views, [rows, batch * positions]);
  const right = graph.reshape(dy, [outChannels, batch * positions]);
  return graph.node('Gemm', [left, right], { transB: 1 }); // [rows, out]
}

/**
 * The pixels that each place in the window saw, row by row: [N, C, outHeight, outWidth], or as x has its first two
 * axes.
 */
function windowViews(graph: GraphBuilder, x: string, window: Window): string[] {
  const { strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = window;
  const { inHeight, inWidth, outHeight, outWidth } = window;
  const spanHeight = (outHeight - 1) * strideHeight + 1;
  const spanWidth = (outWidth - 1) * strideWidth + 1;
  const bottom = Math.max(0, spanHeight + filterHeight - 1 - inHeight - padInfo.top);
  const right = Math.max(0, spanWidth + filterWidth - 1 - inWidth - padInfo.left);
  const pads = [0, 0, padInfo.top, padInfo.left, 0, 0, bottom, right];
  const padded = pads.every((pad) => pad === 0) ? x : graph.node('Pad', [x, graph.integers(pads)]);
  const isWhole =
    spanHeight === inHeight + padInfo.top + bottom && spanWidth === inWidth + padInfo.left + right;
  const views: string[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const isCut = !isWhole || strideHeight !== 1 || strideWidth !== 1;
      const view = {
        axes: [2, 3],
        starts: [row, column],
        ends: [row + spanHeight, column + spanWidth],
        steps: [strideHeight, strideWidth],
      };
      views.push(isCut ? graph.slice(padded, view) : padded);
    }
  }
  return views;
}

/**
 * dL/dfilter of a depthwise convolution: each channel of each image of x, convolved with its own dL/dy as the filter,
 * dilated by the stride. All channels of all images are the channels of one blocked convolution.
 */
function blockedDepthwiseFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  window: Window,
): TracedValue {
  const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth } = window;
  const all = batchSize * inChannels;
  const [images, filters] = [
    graph.reshape(toBlocks(graph, arrange(graph, x, CHANNELS_FIRST)), [1, all, inHeight, inWidth]),
    graph.reshape(toBlocks(graph, arrange(graph, dy, CHANNELS_FIRST)), [all, 1, outHeight, outWidth]),
  ];
  const { attributes, height, width } = correlationOf(window);
  const correlation = convolveBlocks(graph, images, filters, { ...attributes, group: all });
  const perImage = graph.reshape(fromBlocks(graph, correlation, all), [batchSize, inChannels, height, width]);
  const sum = graph.node('ReduceSum', [perImage, graph.integers([0])], { keepdims: 1 });
  const cut = cutToWindow(graph, sum, window);
  const name = graph.reshape(cut, [inChannels, 1, window.filterHeight, window.filterWidth]);
  return { name, shape: filterShape, elementType: x.elementType, order: [2, 3, 0, 1] };
}

/**
 * dL/dfilter as the correlation of x and dL/dy over the batch and all positions. As a convolution: x, its batch in the
 * place of the channels, with dL/dy as the filter.
 */
function correlatedFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  window: Window,
  groups: number,
): TracedValue {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = window;
  const groupChannels = inChannels / groups;
  const split = reshapeValue(graph, x, [batchSize, inHeight, inWidth, groups, groupChannels]);
  const images = graph.reshape(arrange(graph, split, [4, 3, 0, 1, 2]), [
    groupChannels,
    groups * batchSize,
    inHeight,
    inWidth,
  ]);
  const correlation = graph.node('Conv', [images, arrange(graph, dy, [3, 0, 1, 2])], {
    ...correlationOf(window).attributes,
    group: groups,
  }); // [groupChannels, outChannels, height, width]
  const cut = cutToWindow(graph, correlation, window);
  // The multiplier of a depthwise filter is its last axis: its output channels are (channel, multiplier).
  const isDepthwise = filterShape[3] !== outChannels;
  const name = isDepthwise
    ? graph.reshape(cut, [inChannels, outChannels / inChannels, window.filterHeight, window.filterWidth])
    : cut;
  return { name, shape: filterShape, elementType: x.elementType, order: [2, 3, 0, 1] };
}

/** x with dL/dy as the filter, dilated by the stride: what comes out is the filter's size, and more where x was not read. */
function correlationOf(window: Window) {
  const { inHeight, inWidth, outHeight, outWidth, padInfo } = window;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = window;
  const bottom = filterHeight + (outHeight - 1) * strideHeight - inHeight - padInfo.top;
  const right = filterWidth + (outWidth - 1) * strideWidth - inWidth - padInfo.left;
  return {
    attributes: {
      kernel_shape: [outHeight, outWidth],
      dilations: [strideHeight, strideWidth],
      pads: [padInfo.top, padInfo.left, Math.max(0, bottom), Math.max(0, right)] as const,
    },
    height: filterHeight + Math.max(0, -bottom),
    width: filterWidth + Math.max(0, -right),
  };
}

/**
 * Leaves out the rows and columns of a correlation that no place in the window has; its last axes are height and width,
 * of so many numbers a column.
 */
function cutToWindow(graph: GraphBuilder, correlation: string, window: Window, columnSize = 1): string {
  const { filterHeight, filterWidth } = window;
  const { height, width } = correlationOf(window);
  if (height === filterHeight && width === filterWidth) return correlation;
  const ends = [filterHeight, filterWidth * columnSize];
  return graph.slice(correlation, { axes: [2, 3], starts: [0, 0], ends });
}
