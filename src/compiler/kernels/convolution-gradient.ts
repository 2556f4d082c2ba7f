import { backend_util as backendUtil, type Conv2DAttrs } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';
import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, reshapeValue, type TracedValue } from '../graph/traced-value.js';
import {
  denseFilter,
  depthwiseFilter,
  groupedWindow,
  type Filter,
  type GroupedConvolutionAttributes,
} from './convolution.js';
import {
  convolveBlocks,
  depthwiseFilterToBlocks,
  fillsBlocks,
  fromBlocks,
  toBlocks,
  turnedFilterToBlocks,
} from './blocked-convolution.js';
import {
  blockedDepthwiseFilterGradient,
  denseFilterGradient,
  hasBlockedDepthwiseGradient,
} from './filter-gradient.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { dimensions4d, windowAttributes } from './window.js';

type Convolution2DInfo = backendUtil.Conv2DInfo;

/** The convolution whose gradient is computed: its window, and how its channels are grouped. */
interface Convolution {
  readonly kernelName: string;
  readonly window: Convolution2DInfo;
  readonly groups: number;
}

/** dL/dx from dL/dy. */
function inputGradient(
  graph: GraphBuilder,
  dy: TracedValue,
  filter: Filter,
  convolution: Convolution,
): TracedValue {
  const { window, groups } = convolution;
  if (!graph.target.hasRuntimeOperators || window.strideHeight !== 1 || window.strideWidth !== 1) {
    return transposedConvolution(graph, dy, filter, convolution);
  }
  const isPointwise =
    window.filterHeight === 1 && window.filterWidth === 1 && window.padInfo.type === 'VALID';
  if (isPointwise && groups === 1) return pointwiseInputGradient(graph, dy, filter, window);
  const isDepthwise = groups === window.inChannels && window.inChannels === window.outChannels;
  const isPadded = turnedPads(window).every((pad) => pad >= 0);
  if (
    (groups === 1 || isDepthwise) &&
    isPadded &&
    fillsBlocks(graph, window.inChannels, window.outChannels)
  ) {
    return blockedInputGradient(graph, dy, filter, convolution);
  }
  return transposedConvolution(graph, dy, filter, convolution);
}

/** A convolution by one pixel is a product with a matrix [O, I]; its input's gradient is one with [I, O]. */
function pointwiseInputGradient(
  graph: GraphBuilder,
  dy: TracedValue,
  filter: Filter,
  { batchSize, inChannels, outChannels, outHeight, outWidth, inShape }: Convolution2DInfo,
): TracedValue {
  const matrix = graph.reshape(arrange(graph, filter.source, [0, 1, 2, 3]), [inChannels, outChannels]);
  const features = graph.reshape(arrange(graph, dy, CHANNELS_FIRST), [
    batchSize,
    outChannels,
    outHeight * outWidth,
  ]);
  const product = graph.node('MatMul', [matrix, features]);
  const name = graph.reshape(product, [batchSize, inChannels, outHeight, outWidth]);
  return { name, shape: inShape, elementType: dy.elementType, order: CHANNELS_FIRST };
}

/** With stride 1, dL/dx is the convolution of dL/dy with the filter turned by 180 degrees, in and out exchanged. */
function blockedInputGradient(
  graph: GraphBuilder,
  dy: TracedValue,
  filter: Filter,
  { window, groups }: Convolution,
): TracedValue {
  const { filterHeight, filterWidth, inChannels } = window;
  const blocks =
    groups === 1
      ? turnedFilterToBlocks(graph, filter.source)
      : turnedDepthwiseFilterToBlocks(graph, filter.name, window);
  const gradient = convolveBlocks(graph, toBlocks(graph, arrange(graph, dy, CHANNELS_FIRST)), blocks, {
    group: groups,
    kernel_shape: [filterHeight, filterWidth],
    pads: turnedPads(window),
  });
  const name = fromBlocks(graph, gradient, inChannels);
  return { name, shape: window.inShape, elementType: dy.elementType, order: CHANNELS_FIRST };
}

function turnedDepthwiseFilterToBlocks(
  graph: GraphBuilder,
  filter: string,
  { inChannels, filterHeight, filterWidth }: Convolution2DInfo,
): string {
  const ranges = [
    [filterHeight - 1, filterWidth - 1],
    [-1 - filterHeight, -1 - filterWidth],
    [2, 3],
    [-1, -1],
  ].map((numbers) => graph.integers(numbers));
  const turned = graph.node('Slice', [filter, ...ranges]);
  return depthwiseFilterToBlocks(graph, turned, [inChannels, filterHeight, filterWidth]);
}

/** Top, left, bottom and right of dL/dy, so that the turned filter gives dL/dx in full. */
function turnedPads(window: Convolution2DInfo): [number, number, number, number] {
  const top = window.filterHeight - 1 - window.padInfo.top;
  const left = window.filterWidth - 1 - window.padInfo.left;
  const bottom = window.inHeight + window.filterHeight - 1 - window.outHeight - top;
  const right = window.inWidth + window.filterWidth - 1 - window.outWidth - left;
  return [top, left, bottom, right];
}

/** The transposed convolution, with the very weights of the forward one. */
function transposedConvolution(
  graph: GraphBuilder,
  dy: TracedValue,
  filter: Filter,
  { kernelName, window }: Convolution,
): TracedValue {
  const attributes = windowAttributes(kernelName, window);
  const [top, left, bottom, right] = attributes.pads;
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth } = window;
  // Rows and columns behind the last window were not read: their gradient is zero.
  const unread = [
    window.inHeight - ((outHeight - 1) * strideHeight + filterHeight - top - bottom),
    window.inWidth - ((outWidth - 1) * strideWidth + filterWidth - left - right),
  ];
  const name = graph.node('ConvTranspose', [arrange(graph, dy, CHANNELS_FIRST), filter.name], {
    ...attributes,
    group: filter.groups,
    output_padding: unread,
  });
  return { name, shape: window.inShape, elementType: dy.elementType, order: CHANNELS_FIRST };
}

/**
 * dL/dfilter: the correlation of x and dL/dy over the batch and all positions. As a convolution: x, its batch in the
 * place of the channels, with dL/dy as the filter, dilated by the stride.
 */
function filterGradient(
  graph: GraphBuilder,
  x: TracedValue,
  dy: TracedValue,
  filterShape: readonly number[],
  { window, groups }: Convolution,
): TracedValue {
  if (graph.target.hasRuntimeOperators && groups === 1 && filterShape[3] === window.outChannels) {
    return denseFilterGradient(graph, x, dy, filterShape, window);
  }
  if (groups === window.inChannels && groups > 1 && hasBlockedDepthwiseGradient(graph, window)) {
    return blockedDepthwiseFilterGradient(graph, x, dy, filterShape, window);
  }
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = window;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = window;
  const groupChannels = inChannels / groups;
  const split = reshapeValue(graph, x, [batchSize, inHeight, inWidth, groups, groupChannels]);
  const images = graph.reshape(arrange(graph, split, [4, 3, 0, 1, 2]), [
    groupChannels,
    groups * batchSize,
    inHeight,
    inWidth,
  ]);
  const end = [
    filterHeight + (outHeight - 1) * strideHeight - inHeight - padInfo.top,
    filterWidth + (outWidth - 1) * strideWidth - inWidth - padInfo.left,
  ] as const;
  const correlation = graph.node('Conv', [images, arrange(graph, dy, [3, 0, 1, 2])], {
    group: groups,
    kernel_shape: [outHeight, outWidth],
    dilations: [strideHeight, strideWidth],
    pads: [padInfo.top, padInfo.left, Math.max(0, end[0]), Math.max(0, end[1])],
  }); // [groupChannels, outChannels, filterHeight, filterWidth], and more where rows or columns were not read
  const isWhole = end.every((padding) => padding >= 0);
  const cut = isWhole ? correlation : cutToWindow(graph, correlation, filterHeight, filterWidth);
  // The multiplier of a depthwise filter is its last axis: its output channels are (channel, multiplier).
  const isDepthwise = filterShape[3] !== outChannels;
  const name = isDepthwise
    ? graph.reshape(cut, [inChannels, outChannels / inChannels, filterHeight, filterWidth])
    : cut;
  return { name, shape: filterShape, elementType: x.elementType, order: [2, 3, 0, 1] };
}

function cutToWindow(graph: GraphBuilder, value: string, height: number, width: number): string {
  const inputs = [
    [0, 0],
    [height, width],
    [2, 3],
  ].map((numbers) => graph.integers(numbers));
  return graph.node('Slice', [value, ...inputs]);
}

type BackpropAttributes = Omit<Conv2DAttrs, 'dilations'> & {
  readonly dilations?: Conv2DAttrs['dilations'];
  readonly inputShape: number[];
  readonly filterShape: number[];
};

/** @throws UnsupportedAttributeError for channels-first data, and dilations, which tfjs' own kernels ignore */
function convolutionOf(
  kernelName: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dimRoundingMode, dataFormat, dilations = 1 }: BackpropAttributes,
  isDepthwise: boolean,
): Convolution {
  // Depthwise kernels leave the data format out, whatever the typings say.
  if ((dataFormat as string | undefined) === 'NCHW') {
    throw new UnsupportedAttributeError(kernelName, 'dataFormat', dataFormat);
  }
  if ([dilations].flat().some((dilation) => dilation !== 1)) {
    throw new UnsupportedAttributeError(kernelName, 'dilations', dilations);
  }
  const [image, filter] = [dimensions4d(inputShape), dimensions4d(filterShape)];
  const window = backendUtil.computeConv2DInfo(image, filter, strides, 1, pad, dimRoundingMode, isDepthwise);
  return { kernelName, window, groups: isDepthwise ? window.inChannels : 1 };
}

function inputGradientRule(kernelName: string, isDepthwise: boolean): KernelRule {
  return ({ dy, filter }: Inputs<'dy' | 'filter'>, attributes: BackpropAttributes, graph) => {
    const convolution = convolutionOf(
      kernelName,
      attributes.inputShape,
      filter.shape,
      attributes,
      isDepthwise,
    );
    const arranged = isDepthwise ? depthwiseFilter(graph, filter) : denseFilter(graph, filter);
    return inputGradient(graph, dy, arranged, convolution);
  };
}

function filterGradientRule(kernelName: string, isDepthwise: boolean): KernelRule {
  return ({ x, dy }: Inputs<'x' | 'dy'>, attributes: BackpropAttributes, graph) => {
    const { filterShape } = attributes;
    const convolution = convolutionOf(kernelName, x.shape, filterShape, attributes, isDepthwise);
    return filterGradient(graph, x, dy, filterShape, convolution);
  };
}

const GROUPED_INPUT = 'GroupedConv2DBackpropInput';
const GROUPED_FILTER = 'GroupedConv2DBackpropFilter';

export const CONVOLUTION_GRADIENT_RULES: KernelRules = {
  Conv2DBackpropInput: inputGradientRule('Conv2DBackpropInput', false),
  Conv2DBackpropFilter: filterGradientRule('Conv2DBackpropFilter', false),
  DepthwiseConv2dNativeBackpropInput: inputGradientRule('DepthwiseConv2dNativeBackpropInput', true),
  DepthwiseConv2dNativeBackpropFilter: filterGradientRule('DepthwiseConv2dNativeBackpropFilter', true),
  [GROUPED_INPUT]: (
    { dy, filter }: Inputs<'dy' | 'filter'>,
    attributes: GroupedConvolutionAttributes & { readonly inputShape: number[] },
    graph,
  ) => {
    const { groups } = attributes;
    const window = groupedWindow(attributes.inputShape, filter.shape, attributes);
    const convolution = { kernelName: GROUPED_INPUT, window, groups };
    return inputGradient(graph, dy, denseFilter(graph, filter, groups), convolution);
  },
  [GROUPED_FILTER]: (
    { x, dy }: Inputs<'x' | 'dy'>,
    attributes: GroupedConvolutionAttributes & { readonly filterShape: number[] },
    graph,
  ) => {
    const { groups, filterShape } = attributes;
    const convolution = {
      kernelName: GROUPED_FILTER,
      window: groupedWindow(x.shape, filterShape, attributes),
      groups,
    };
    return filterGradient(graph, x, dy, filterShape, convolution);
  },
};
