import { backend_util as backendUtil, type Conv2DAttrs } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';
import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, arrangeRowMajor, type TracedValue } from '../graph/traced-value.js';
import { applyFusedActivation, type FusedActivation } from './activation.js';
import {
  convolveBlocks,
  denseFilterToBlocks,
  depthwiseFilterToBlocks,
  fillsBlocks,
  fromBlocks,
  toBlocks,
} from './blocked-convolution.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { combine } from './operators.js';
import { dimensions4d, windowAttributes } from './window.js';

type ConvolutionInputs = Inputs<'x' | 'filter', 'bias' | 'preluActivationWeights'>;
type ConvolutionAttributes = Omit<Conv2DAttrs, 'dilations'> &
  FusedActivation & {
    /** Left out by some of tfjs' depthwise convolutions, whatever its typings say. */
    readonly dilations?: Conv2DAttrs['dilations'];
  };

export interface Filter {
  /** Graph value with axes (output channels, input channels per group, height, width). */
  readonly name: string;
  /** The same with the axes as tfjs has them. */
  readonly source: TracedValue;
  readonly groups: number;
}

/** tfjs' filters have axes (height, width, input channels, output channels); of a group, where there are several. */
export function denseFilter(graph: GraphBuilder, filter: TracedValue, groups = 1): Filter {
  return { name: arrange(graph, filter, [3, 2, 0, 1]), source: filter, groups };
}

/**
 * tfjs' depthwise filters have axes (height, width, channels, multiplier), and output channel
 * `c * multiplier + m` comes from input channel `c`.
 */
export function depthwiseFilter(graph: GraphBuilder, filter: TracedValue): Filter {
  const [height, width, channels, multiplier] = dimensions4d(filter.shape);
  const arranged = arrange(graph, filter, [2, 3, 0, 1]);
  const name = graph.reshape(arranged, [channels * multiplier, 1, height, width]);
  return { name, source: filter, groups: channels };
}

function convolve(
  graph: GraphBuilder,
  kernelName: string,
  { x, filter, bias, preluActivationWeights }: ConvolutionInputs,
  attributes: ConvolutionAttributes,
  isDepthwise: boolean,
): TracedValue {
  if (attributes.dataFormat === 'NCHW') throw new UnsupportedAttributeError(kernelName, 'dataFormat', 'NCHW');
  const window = backendUtil.computeConv2DInfo(
    dimensions4d(x.shape),
    dimensions4d(filter.shape),
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    isDepthwise,
  );
  const arranged = isDepthwise ? depthwiseFilter(graph, filter) : denseFilter(graph, filter);
  const { name, groups } = arranged;
  if (bias === undefined && isBlocked(graph, filter, window, groups)) {
    const convolved = convolveInBlocks(graph, kernelName, x, arranged, window);
    return applyFusedActivation(graph, kernelName, convolved, attributes, preluActivationWeights);
  }
  const inputs = [arrange(graph, x, CHANNELS_FIRST), name];
  // A bias per output channel is part of ONNX's operator; any other shape is added afterwards.
  const isChannelBias = bias?.shape.length === 1 && bias.shape[0] === window.outChannels;
  if (bias !== undefined && isChannelBias) inputs.push(arrangeRowMajor(graph, bias));
  const convolved: TracedValue = {
    name: graph.node('Conv', inputs, {
      ...windowAttributes(kernelName, window),
      dilations: [window.dilationHeight, window.dilationWidth],
      group: groups,
    }),
    shape: window.outShape,
    elementType: x.elementType,
    order: CHANNELS_FIRST,
  };
  const biased = bias === undefined || isChannelBias ? convolved : combine(graph, 'Add', [convolved, bias]);
  return applyFusedActivation(graph, kernelName, biased, attributes, preluActivationWeights);
}

/** Where the filter is constant, ONNX Runtime chooses the layout itself; by one pixel, a matrix product is as fast. */
function isBlocked(
  graph: GraphBuilder,
  filter: TracedValue,
  {
    inChannels,
    outChannels,
    filterHeight,
    filterWidth,
    dilationHeight,
    dilationWidth,
  }: backendUtil.Conv2DInfo,
  groups: number,
): boolean {
  if (!fillsBlocks(graph, inChannels, outChannels) || graph.constantOf(filter.name) !== undefined)
    return false;
  if (filterHeight * filterWidth === 1 || dilationHeight * dilationWidth !== 1) return false;
  return groups === 1 || (groups === inChannels && inChannels === outChannels);
}

function convolveInBlocks(
  graph: GraphBuilder,
  kernelName: string,
  x: TracedValue,
  { name, source, groups }: Filter,
  window: backendUtil.Conv2DInfo,
): TracedValue {
  const { outChannels, filterHeight, filterWidth } = window;
  const blocks =
    groups === 1
      ? denseFilterToBlocks(graph, source)
      : depthwiseFilterToBlocks(graph, name, [outChannels, filterHeight, filterWidth]);
  const images = toBlocks(graph, arrange(graph, x, CHANNELS_FIRST));
  const attributes = { ...windowAttributes(kernelName, window), group: groups };
  const convolved = convolveBlocks(graph, images, blocks, attributes);
  const { outShape: shape } = window;
  const { elementType } = x;
  return { name: fromBlocks(graph, convolved, outChannels), shape, elementType, order: CHANNELS_FIRST };
}

/**
 * Not a kernel of tfjs, which has no convolutions in groups, but one that an application may register under this name:
 * strides and symmetric padding are numbers, and output channels come group after group.
 */
export interface GroupedConvolutionAttributes {
  readonly groups: number;
  readonly stride: number;
  readonly padding: number;
}

/** The window of a grouped convolution; its padding is listed side by side, since tfjs takes one number for square. */
export function groupedWindow(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { stride, padding }: GroupedConvolutionAttributes,
): backendUtil.Conv2DInfo {
  const none: [number, number] = [0, 0];
  const side: [number, number] = [padding, padding];
  const pad: [typeof none, typeof side, typeof side, typeof none] = [none, side, side, none];
  return backendUtil.computeConv2DInfo(dimensions4d(inputShape), dimensions4d(filterShape), stride, 1, pad);
}

function convolveInGroups(
  graph: GraphBuilder,
  { x, filter }: Inputs<'x' | 'filter'>,
  attributes: GroupedConvolutionAttributes,
): TracedValue {
  const window = groupedWindow(x.shape, filter.shape, attributes);
  const { name, groups } = denseFilter(graph, filter, attributes.groups);
  return {
    name: graph.node('Conv', [arrange(graph, x, CHANNELS_FIRST), name], {
      ...windowAttributes('GroupedConv2D', window),
      group: groups,
    }),
    shape: window.outShape,
    elementType: x.elementType,
    order: CHANNELS_FIRST,
  };
}

function convolutionRule(kernelName: string, isDepthwise: boolean): KernelRule {
  return (inputs: ConvolutionInputs, attributes: ConvolutionAttributes, graph) =>
    convolve(graph, kernelName, inputs, attributes, isDepthwise);
}

export const CONVOLUTION_RULES: KernelRules = {
  Conv2D: convolutionRule('Conv2D', false),
  FusedConv2D: convolutionRule('FusedConv2D', false),
  DepthwiseConv2dNative: convolutionRule('DepthwiseConv2dNative', true),
  FusedDepthwiseConv2D: convolutionRule('FusedDepthwiseConv2D', true),
  GroupedConv2D: (inputs: Inputs<'x' | 'filter'>, attributes: GroupedConvolutionAttributes, graph) =>
    convolveInGroups(graph, inputs, attributes),
};
