import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import type { Attributes } from '../graph/graph.js';

/** The geometry of a sliding window, as tfjs derives it from a convolution's or pooling's attributes. */
export type Window = Pick<
  backendUtil.Conv2DInfo,
  | 'inHeight'
  | 'inWidth'
  | 'outHeight'
  | 'outWidth'
  | 'outChannels'
  | 'strideHeight'
  | 'strideWidth'
  | 'dilationHeight'
  | 'dilationWidth'
  | 'filterHeight'
  | 'filterWidth'
  | 'effectiveFilterHeight'
  | 'effectiveFilterWidth'
  | 'padInfo'
>;

/** The ONNX attributes of a window, except dilations, which not every operator takes. */
export function windowAttributes(window: Window): Attributes {
  const { top, left } = window.padInfo;
  const bottom = endPadding(
    window.inHeight + top,
    (window.outHeight - 1) * window.strideHeight + window.effectiveFilterHeight,
    window.padInfo.bottom,
  );
  const right = endPadding(
    window.inWidth + left,
    (window.outWidth - 1) * window.strideWidth + window.effectiveFilterWidth,
    window.padInfo.right,
  );
  return {
    kernel_shape: [window.filterHeight, window.filterWidth],
    strides: [window.strideHeight, window.strideWidth],
    pads: [top, left, bottom, right],
  };
}

/** ONNX rounds the number of windows down; where tfjs rounded up, more padding makes room for the last. */
function endPadding(available: number, needed: number, padding: number): number {
  return Math.max(padding, needed - available);
}

/** A shape as the tuple that tfjs' geometry functions take. @throws RangeError unless the rank is 4. */
export function dimensions4d(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (shape.length !== 4 || a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new RangeError(`a tensor of rank 4 is needed, not of shape [${shape.join()}]`);
  }
  return [a, b, c, d];
}
