import type { backend_util as backendUtil } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';

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

export interface WindowAttributes {
  readonly kernel_shape: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * The ONNX attributes of a window, except dilations, which not every operator takes.
 *
 * @throws UnsupportedAttributeError when ONNX cannot place as many windows as tfjs does. tfjs pads by a
 *   plain number as if windows and strides were square, which gives others a number of its own.
 */
export function windowAttributes(kernelName: string, window: Window): WindowAttributes {
  const { top, left } = window.padInfo;
  const bottom = endPadding(kernelName, {
    padding: window.padInfo.bottom,
    available: window.inHeight + top,
    size: window.effectiveFilterHeight,
    stride: window.strideHeight,
    count: window.outHeight,
  });
  const right = endPadding(kernelName, {
    padding: window.padInfo.right,
    available: window.inWidth + left,
    size: window.effectiveFilterWidth,
    stride: window.strideWidth,
    count: window.outWidth,
  });
  return {
    kernel_shape: [window.filterHeight, window.filterWidth],
    strides: [window.strideHeight, window.strideWidth],
    pads: [top, left, bottom, right],
  };
}

/** Windows along one axis. */
interface WindowRun {
  readonly padding: number;
  /** Extent with the padding before it. */
  readonly available: number;
  readonly size: number;
  readonly stride: number;
  readonly count: number;
}

/** ONNX rounds the number of windows down; where tfjs rounded up, more padding makes room for the last. */
function endPadding(kernelName: string, { padding, available, size, stride, count }: WindowRun): number {
  const needed = Math.max(padding, (count - 1) * stride + size - available);
  if (Math.floor((available + needed - size) / stride) + 1 !== count) {
    throw new UnsupportedAttributeError(kernelName, 'pad', padding);
  }
  return needed;
}

/** A shape as the tuple that tfjs' geometry functions take. @throws RangeError unless the rank is 4. */
export function dimensions4d(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (shape.length !== 4 || a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new RangeError(`a tensor of rank 4 is needed, not of shape [${shape.join()}]`);
  }
  return [a, b, c, d];
}
