import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, reshapeValue, type TracedValue } from '../graph/traced-value.js';
import { convolveBlocks, fillsBlocks, fromBlocks, toBlocks } from './blocked-convolution.js';

type Window = backendUtil.Conv2DInfo;

/** C, N, H, W */
const CHANNELS_OUTERMOST = [3, 0, 1, 2] as const;

/**
 * Up to as many positions of an output channel, one product over all images is faster than one for each: the sum of so
 * many large matrices would take longer than it takes to bring the images side by side.
 */
const FEW_POSITIONS = 400;

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
    return denseFilterGradient(graph, x, dy, filterShape, window);
  }
  const isDepthwise = groups === inChannels && inChannels === outChannels;
  if (isDepthwise && groups > 1 && fillsBlocks(graph, inChannels)) {
    return blockedDepthwiseFilterGradient(graph, x, dy, filterShape, window);
  }
  return correlatedFilterGradient(graph, x, dy, filterShape, window, groups);
}

/**
 * dL/dfilter of a dense convolution as matrix products: for each place in the window, the pixels of x that it saw, times
 * dL/dy, summed over positions and images. It comes out as tfjs' filters lie, and is added to one without being moved.
 */
function denseFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  window: Window,
): TracedValue {
  const { batchSize, outChannels, inChannels, outHeight, outWidth } = window;
  const positions = outHeight * outWidth;
  const extents = [batchSize, outChannels, inChannels, positions] as const;
  const isOverAll = positions <= FEW_POSITIONS;
  const order = isOverAll ? CHANNELS_OUTERMOST : CHANNELS_FIRST;
  const [images, dyMatrix] = [x, dy].map((value) => arrange(graph, value, order)) as [string, string];
  const views = windowViews(graph, images, window);
  const product = isOverAll
    ? productOverAll(graph, dyMatrix, extents)
    : productPerImage(graph, dyMatrix, extents);
  const parts = views.map(product);
  const [only = ''] = parts;
  const joined = parts.length === 1 ? only : graph.node('Concat', parts, { axis: 0 });
  const name = graph.reshape(joined, filterShape);
  return { name, shape: filterShape, elementType: x.elementType, order: [0, 1, 2, 3] };
}

type Extents = readonly [batch: number, outChannels: number, inChannels: number, positions: number];

function productPerImage(
  graph: GraphBuilder,
  dy: string,
  [batch, outChannels, inChannels, positions]: Extents,
): (view: string) => string {
  const right = graph.reshape(dy, [batch, outChannels, positions]);
  return (view) => {
    const left = graph.reshape(view, [batch, inChannels, positions]);
    const products = graph.node('FusedMatMul', [left, right], { transB: 1 }, 'com.microsoft');
    return graph.node('ReduceSum', [products, graph.integers([0])], { keepdims: 0 }); // [in, out]
  };
}

/** Of images that lie channel by channel, all images of a channel side by side. */
function productOverAll(
  graph: GraphBuilder,
  dy: string,
  [batch, outChannels, inChannels, positions]: Extents,
): (view: string) => string {
  const right = graph.reshape(dy, [outChannels, batch * positions]);
  return (view) => {
    const left = graph.reshape(view, [inChannels, batch * positions]);
    return graph.node('Gemm', [left, right], { transB: 1 }); // [in, out]
  };
}

/**
 * For each place in the window, row by row, the pixels that it saw: [N, C, outHeight, outWidth], or as x has its first two
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
      pads: [padInfo.top, padInfo.left, Math.max(0, bottom), Math.max(0, right)],
    },
    height: filterHeight + Math.max(0, -bottom),
    width: filterWidth + Math.max(0, -right),
  };
}

/** Leaves out the rows and columns of a correlation that no place in the window has; its last axes are height and width. */
function cutToWindow(graph: GraphBuilder, correlation: string, window: Window): string {
  const { filterHeight, filterWidth } = window;
  const { height, width } = correlationOf(window);
  if (height === filterHeight && width === filterWidth) return correlation;
  return graph.slice(correlation, { axes: [2, 3], starts: [0, 0], ends: [filterHeight, filterWidth] });
}
