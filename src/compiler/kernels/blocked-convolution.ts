import { CHANNELS_FIRST, sameOrder } from '../graph/axis-order.js';
import type { Attributes } from '../../onnx/graph.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import { dimensions4d } from './window.js';

/**
 * Convolutions in ONNX Runtime's blocked layout: blocks of 8 or 16 channels lie side by side, as its vectorised loops
 * want them. ONNX Runtime goes over to it by itself only where the filter is constant, which no filter is that is being
 * trained; so the filter, too, is rearranged in the graph.
 */
const BLOCKED = 'com.microsoft.nchwc';

const ROW_MAJOR = [0, 1, 2, 3] as const;

/** Whether so many channels can be convolved in blocks on the graph's target. */
export function fillsBlocks(graph: GraphBuilder, ...channelCounts: number[]): boolean {
  const { channelBlock } = graph.target;
  return channelBlock !== undefined && channelCounts.every((count) => count % channelBlock === 0);
}

/** @param images [N, C, H, W] @returns the same in blocks */
export function toBlocks(graph: GraphBuilder, images: string): string {
  return graph.node('ReorderInput', [images], {}, BLOCKED);
}

export function fromBlocks(graph: GraphBuilder, blocked: string, channels: number): string {
  return graph.node('ReorderOutput', [blocked], { channels }, BLOCKED);
}

/**
 * The name of a graph value that holds images in tfjs' order, [N, H, W, C]. By blocks, which is the fastest way there;
 * those of a convolution's input are the same ones, and then they are kept until its gradient instead of the input.
 */
export function channelsLast(graph: GraphBuilder, images: TracedValue): string {
  const [, , , channels] = dimensions4d(images.shape);
  if (!sameOrder(images.order, CHANNELS_FIRST) || !fillsBlocks(graph, channels)) {
    return arrange(graph, images, ROW_MAJOR);
  }
  const attributes = { channels, channels_last: 1 };
  return graph.node('ReorderOutput', [toBlocks(graph, images.name)], attributes, BLOCKED);
}

/** Images and filter in blocks -> images in blocks. */
export function convolveBlocks(
  graph: GraphBuilder,
  images: string,
  filter: string,
  attributes: Attributes,
): string {
  return graph.node('Conv', [images, filter], attributes, BLOCKED);
}

/** @param filter [C, 1, h, w]; one channel after another, as the channels of an image lie */
export function depthwiseFilterToBlocks(
  graph: GraphBuilder,
  filter: string,
  [channels, height, width]: readonly [number, number, number],
): string {
  const asImage = graph.reshape(filter, [1, channels, height, width]);
  return graph.reshape(toBlocks(graph, asImage), [channels, 1, height, width]);
}

/** @param filter [h, w, I, O] @returns blocks of outputs, of inputs, height, width, input in its block, output in its block */
export function denseFilterToBlocks(graph: GraphBuilder, filter: TracedValue): string {
  const [height, width, inputs, outputs] = dimensions4d(filter.shape);
  // Rows of a block of outputs stay together: they are copied as one.
  const blocks = graph.transpose(
    splitChannels(graph, arrange(graph, filter, ROW_MAJOR), filter),
    [4, 2, 0, 1, 3, 5],
  );
  return graph.reshape(blocks, [outputs, inputs, height, width]);
}

/**
 * The filter that gives dL/dx from dL/dy: turned by 180 degrees, inputs and outputs exchanged.
 * @param filter [h, w, I, O] @returns as {@link denseFilterToBlocks}
 */
export function turnedFilterToBlocks(graph: GraphBuilder, filter: TracedValue): string {
  const [height, width, inputs, outputs] = dimensions4d(filter.shape);
  const turned = turnWindow(graph, arrange(graph, filter, ROW_MAJOR), { axes: [0, 1], height, width });
  // Inputs become the channels of an image of all the rest, whose blocks are then put in order: no step moves single
  // numbers but the runtime's own, which is ten times as fast at it as a general transposition.
  const block = graph.target.channelBlock ?? 1;
  const image = graph.reshape(graph.transpose(turned, [2, 0, 1, 3]), [1, inputs, height * width, outputs]);
  const rows = graph.reshape(toBlocks(graph, image), [
    inputs / block,
    height * width,
    outputs / block,
    block * block,
  ]);
  return graph.reshape(graph.transpose(rows, [0, 2, 1, 3]), [inputs, outputs, height, width]);
}

/** [h, w, I, O] -> [h, w, blocks of I, I in its block, blocks of O, O in its block] */
function splitChannels(graph: GraphBuilder, name: string, { shape }: TracedValue): string {
  const [height, width, inputs, outputs] = dimensions4d(shape);
  const block = graph.target.channelBlock ?? 1;
  return graph.reshape(name, [height, width, inputs / block, block, outputs / block, block]);
}

/** A filter of a trained depthwise convolution, turned by 180 degrees; @param filter [C, 1, h, w] */
export function turnedDepthwiseFilterToBlocks(
  graph: GraphBuilder,
  filter: string,
  [channels, height, width]: readonly [number, number, number],
): string {
  const turned = turnWindow(graph, filter, { axes: [2, 3], height, width });
  return depthwiseFilterToBlocks(graph, turned, [channels, height, width]);
}

interface WindowAxes {
  readonly axes: readonly [number, number];
  readonly height: number;
  readonly width: number;
}

function turnWindow(graph: GraphBuilder, filter: string, { axes, height, width }: WindowAxes): string {
  const [starts, ends] = [
    [height - 1, width - 1],
    [-1 - height, -1 - width],
  ] as const;
  return graph.slice(filter, { axes, starts, ends, steps: [-1, -1] });
}
