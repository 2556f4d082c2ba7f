import type { Attributes } from '../graph/graph.js';
import type { GraphBuilder } from '../graph/graph-builder.js';

/**
 * Convolutions in ONNX Runtime's blocked layout: blocks of 8 or 16 channels lie side by side, as its vectorised loops
 * want them. ONNX Runtime goes over to it by itself only where the filter is constant, which no filter is that is being
 * trained; so the filter, too, is rearranged in the graph.
 */
const BLOCKED = 'com.microsoft.nchwc';

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

/** @param filter [O, I, h, w] -> blocks of outputs, of inputs, height, width, input in its block, output in its block */
export function denseFilterToBlocks(
  graph: GraphBuilder,
  filter: string,
  [outputs, inputs, height, width]: readonly [number, number, number, number],
): string {
  const block = graph.target.channelBlock ?? 1;
  const split = graph.reshape(filter, [outputs / block, block, inputs / block, block, height, width]);
  return graph.reshape(graph.transpose(split, [0, 2, 4, 5, 3, 1]), [outputs, inputs, height, width]);
}
