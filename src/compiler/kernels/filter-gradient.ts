import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import { convolveBlocks, fillsBlocks, fromBlocks, toBlocks } from './blocked-convolution.js';

type Window = backendUtil.Conv2DInfo;

/** C, N, H, W */
const CHANNELS_OUTERMOST = [3, 0, 1, 2] as const;

/**
 * Up to as many positions of an output channel, one product over all images is faster than one for each: the sum of so
 * many large matrices would take longer than it takes to bring the images side by side.
 */
const FEW_POSITIONS = 400;

/**
 * dL/dfilter of a dense convolution as matrix products: for each place in the window, the pixels of x that it saw, times
 * dL/dy, summed over positions and images. It comes out as tfjs' filters lie, and is added to one without being moved.
 */
export function denseFilterGradient(
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
      const ranges = [
        [row, column],
        [row + spanHeight, column + spanWidth],
        [2, 3],
        [strideHeight, strideWidth],
      ].map((numbers) => graph.integers(numbers));
      const isCut = !isWhole || strideHeight !== 1 || strideWidth !== 1;
      views.push(isCut ? graph.node('Slice', [padded, ...ranges]) : padded);
    }
  }
  return views;
}

/** Whether {@link blockedDepthwiseFilterGradient} applies. */
export function hasBlockedDepthwiseGradient(graph: GraphBuilder, window: Window): boolean {
  const { inChannels, outChannels } = window;
  return inChannels === outChannels && fillsBlocks(graph, inChannels);
}

/**
 * dL/dfilter of a depthwise convolution: each channel of each image of x, convolved with its own dL/dy as the filter,
 * dilated by the stride. All channels of all images are the channels of one blocked convolution.
 */
export function blockedDepthwiseFilterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  window: Window,
): TracedValue {
  const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = window;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = window;
  const all = batchSize * inChannels;
  const images = graph.reshape(toBlocks(graph, arrange(graph, x, CHANNELS_FIRST)), [
    1,
    all,
    inHeight,
    inWidth,
  ]);
  const filters = graph.reshape(toBlocks(graph, arrange(graph, dy, CHANNELS_FIRST)), [
    all,
    1,
    outHeight,
    outWidth,
  ]);
  const end = [
    filterHeight + (outHeight - 1) * strideHeight - inHeight - padInfo.top,
    filterWidth + (outWidth - 1) * strideWidth - inWidth - padInfo.left,
  ] as const;
  const correlation = convolveBlocks(graph, images, filters, {
    group: all,
    kernel_shape: [outHeight, outWidth],
    dilations: [strideHeight, strideWidth],
    pads: [padInfo.top, padInfo.left, Math.max(0, end[0]), Math.max(0, end[1])],
  });
  const height = filterHeight + Math.max(0, -end[0]);
  const width = filterWidth + Math.max(0, -end[1]);
  const perImage = graph.reshape(fromBlocks(graph, correlation, all), [batchSize, inChannels, height, width]);
  const sum = graph.node('ReduceSum', [perImage, graph.integers([0])], { keepdims: 0 });
  const cut =
    height === filterHeight && width === filterWidth
      ? sum
      : graph.node(
          'Slice',
          [
            [0, 0],
            [filterHeight, filterWidth],
            [1, 2],
          ].reduce<string[]>((inputs, numbers) => [...inputs, graph.integers(numbers)], [sum]),
        );
  const name = graph.reshape(cut, [inChannels, 1, filterHeight, filterWidth]);
  return { name, shape: filterShape, elementType: x.elementType, order: [2, 3, 0, 1] };
}
