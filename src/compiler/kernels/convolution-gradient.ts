import { backend_util as backendUtil, type Conv2DAttrs } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';
import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import {
  denseFilter,
  depthwiseFilter,
  groupedWindow,
  type Filter,
  type GroupedConvolutionAttributes,
} from './convolution.js';
import {
  convolveBlocks,
  fillsBlocks,
  fromBlocks,
  toBlocks,
  turnedDepthwiseFilterToBlocks,
  turnedFilterToBlocks,
} from './blocked-convolution.js';
import { filterGradient } from './filter-gradient.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { phasedInputGradient, phasesOf, type TurnedFilter } from './strided-input-gradient.js';
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
  if (!graph.target.hasRuntimeOperators) return transposedConvolution(graph, dy, filter, convolution);
  const isStrided = window.strideHeight !== 1 || window.strideWidth !== 1;
  const isPointwise =
    window.filterHeight === 1 && window.filterWidth === 1 && window.padInfo.type === 'VALID';
  if (isPointwise && !isStrided && groups === 1) return pointwiseInputGradient(graph, dy, filter, window);
  const isDepthwise = groups === window.inChannels && window.inChannels === window.outChannels;
  if ((groups === 1 || isDepthwise) && fillsBlocks(graph, window.inChannels, window.outChannels)) {
    const phases = isStrided ? phasesOf(window) : undefined;
    if (phases !== undefined) {
      return phasedInputGradient(graph, dy, turnedFilter(graph, filter, convolution), convolution, phases);
    }
    if (!isStrided && turnedPads(window).every((pad) => pad >= 0)) {
      return blockedInputGradient(graph, dy, filter, convolution);
    }
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
  const { name: blocks } = turnedFilter(graph, filter, { window, groups });
  const gradient = convolveBlocks(graph, toBlocks(graph, arrange(graph, dy, CHANNELS_FIRST)), blocks, {
    group: groups,
    kernel_shape: [filterHeight, filterWidth],
    pads: turnedPads(window),
  });
  const name = fromBlocks(graph, gradient, inChannels);
  return { name, shape: window.inShape, elementType: dy.elementType, order: CHANNELS_FIRST };
}

function turnedFilter(
  graph: GraphBuilder,
  filter: Filter,
  { window, groups }: Pick<Convolution, 'window' | 'groups'>,
): TurnedFilter {
  const { filterHeight, filterWidth, inChannels, outChannels } = window;
  const block = graph.target.channelBlock ?? 1;
  if (groups === 1) {
    const name = turnedFilterToBlocks(graph, filter.source);
    return { name, rowSize: block * block, channels: [inChannels, outChannels] };
  }
  const name = turnedDepthwiseFilterToBlocks(graph, filter.name, [inChannels, filterHeight, filterWidth]);
  return { name, rowSize: block, channels: [inChannels, 1] };
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
