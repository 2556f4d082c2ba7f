import * as tf from '@tensorflow/tfjs';

import type { ExplicitPadding } from './explicit-padding.js';

export interface PoolingWindow {
  /** Rows, columns. */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** The padding before and after the rows, and the columns. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly output: readonly [number, number];
}

/** It is below what any feature is. */
const LOWEST = -3e38;

/**
 * Averages over windows. The gradient spreads each average over its window by a transposed convolution with ones, which
 * the compiler has a rule for; tfjs' own is a kernel apart.
 *
 * @param x                [B, H, W, C]
 * @param paddingIsCounted whether the zeros around the image count as pixels
 */
export function averagePooling(
  x: tf.Tensor4D,
  window: PoolingWindow,
  paddingIsCounted: boolean,
): tf.Tensor4D {
  const pool = tf.customGrad((features) => {
    const input = features as tf.Tensor4D;
    const { shape } = input;
    const pad = explicit(window);
    const size = [...window.kernel] as [number, number];
    const strides = [...window.strides] as [number, number];
    const value = paddingIsCounted
      ? tf.avgPool(tf.pad(input, pad), size, strides, 'valid')
      : tf.avgPool(input, size, strides, pad);
    const gradFunc = (dy: tf.Tensor): tf.Tensor => {
      const shares = tf.mul(
        dy,
        tf.tensor(sharesOf(shape, window, paddingIsCounted), [1, ...window.output, 1]),
      );
      const inputs = { dy: shares, filter: tf.ones([...size, shape[3], 1]) } as unknown as tf.NamedTensorMap;
      const attributes = { strides, pad, dilations: 1, inputShape: shape };
      return tf.engine().runKernel('DepthwiseConv2dNativeBackpropInput', inputs, attributes);
    };
    return { value, gradFunc };
  });
  return pool(x);
}

/** One over the number of pixels that each window averages, row by row. */
function sharesOf(
  [, height, width]: readonly number[],
  { kernel, strides, padding, output }: PoolingWindow,
  paddingIsCounted: boolean,
): Float32Array {
  const counts = ([height ?? 0, width ?? 0] as const).map((extent, axis) =>
    Array.from({ length: output[axis] ?? 0 }, (_, position) => {
      const size = kernel[axis] ?? 1;
      const start = position * (strides[axis] ?? 1) - (padding[axis]?.[0] ?? 0);
      return paddingIsCounted ? size : Math.min(start + size, extent) - Math.max(start, 0);
    }),
  );
  const [rows = [], columns = []] = counts;
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => 1 / (row * column))));
}

/**
 * The largest of each window. The gradient goes to the first of equal ones, as in PyTorch, and is made of slices, sums
 * and comparisons, which the compiler has rules for.
 *
 * @param x [B, H, W, C]
 */
export function maximumPooling(x: tf.Tensor4D, window: PoolingWindow): tf.Tensor4D {
  const pool = tf.customGrad((features, save) => {
    const input = features as tf.Tensor4D;
    const value = tf.maxPool(input, [...window.kernel], [...window.strides], explicit(window));
    (save as tf.GradSaveFunc)([input, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      maximumGradient(dy as tf.Tensor4D, saved as tf.Tensor4D[], window);
    return { value, gradFunc };
  });
  return pool(x);
}

function maximumGradient(dy: tf.Tensor4D, [x, y]: tf.Tensor4D[], window: PoolingWindow): tf.Tensor4D {
  if (x === undefined || y === undefined) throw new RangeError('pooling lost what it saved for its gradient');
  const grid = gridOf(window);
  const framed = fitted(x, grid.before, [grid.height, grid.width], LOWEST);
  let unclaimed: tf.Tensor = tf.ones([1, 1, 1, 1]);
  let gradient: tf.Tensor4D | undefined;
  for (let row = 0; row < window.kernel[0]; row++) {
    for (let column = 0; column < window.kernel[1]; column++) {
      const isLargest = tf.cast(tf.equal(everyStride(framed, [row, column], window), y), 'float32');
      const claimed = tf.mul(isLargest, unclaimed);
      unclaimed = tf.sub(unclaimed, claimed);
      const share = spreadByStride(tf.mul<tf.Tensor4D>(dy, claimed), [row, column], window, grid);
      gradient = gradient === undefined ? share : tf.add(gradient, share);
    }
  }
  if (gradient === undefined) throw new RangeError('a window without pixels has no gradient');
  return fitted(gradient, [-grid.before[0], -grid.before[1]], [x.shape[1], x.shape[2]], 0);
}

/** The image's frame that holds, from each position of a window on, a whole stride for each window. */
interface Grid {
  readonly before: readonly [number, number];
  readonly height: number;
  readonly width: number;
}

function gridOf({ kernel, strides, padding, output }: PoolingWindow): Grid {
  return {
    before: [padding[0][0], padding[1][0]],
    height: kernel[0] - 1 + output[0] * strides[0],
    width: kernel[1] - 1 + output[1] * strides[1],
  };
}

/** The image moved by `before` into a frame of another size: cut off or filled up at each side. */
function fitted(
  x: tf.Tensor4D,
  before: readonly [number, number],
  size: readonly [number, number],
  fill: number,
): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const start = before.map((count) => Math.max(0, -count));
  const top = before.map((count) => Math.max(0, count));
  const kept = [height, width].map((extent, axis) =>
    Math.min(extent - (start[axis] ?? 0), (size[axis] ?? 0) - (top[axis] ?? 0)),
  );
  const cut = tf.slice(
    x,
    [0, start[0] ?? 0, start[1] ?? 0, 0],
    [batch, kept[0] ?? 0, kept[1] ?? 0, channels],
  );
  const [rows, columns] = [0, 1].map((axis): [number, number] => [
    top[axis] ?? 0,
    (size[axis] ?? 0) - (top[axis] ?? 0) - (kept[axis] ?? 0),
  ]);
  if (rows === undefined || columns === undefined) throw new RangeError('an image has two directions');
  return tf.pad(cut, [[0, 0], rows, columns, [0, 0]], fill);
}

/** What lies at one position of every window: [B, H', W', C]. */
function everyStride(
  framed: tf.Tensor4D,
  [row, column]: readonly [number, number],
  { strides: [down, across], output: [rows, columns] }: PoolingWindow,
): tf.Tensor4D {
  const [batch, , , channels] = framed.shape;
  const whole = tf.slice(framed, [0, row, column, 0], [batch, rows * down, columns * across, channels]);
  const cells = tf.reshape(whole, [batch, rows, down, columns, across, channels]);
  const first = tf.slice(cells, [0, 0, 0, 0, 0, 0], [batch, rows, 1, columns, 1, channels]);
  return tf.reshape(first, [batch, rows, columns, channels]);
}

/** The other way round: each value at one position of its window, zeros elsewhere in the frame. */
function spreadByStride(
  values: tf.Tensor4D,
  [row, column]: readonly [number, number],
  { strides: [down, across], output: [rows, columns] }: PoolingWindow,
  { height, width }: Grid,
): tf.Tensor4D {
  const [batch, , , channels] = values.shape;
  const first = tf.reshape(values, [batch, rows, 1, columns, 1, channels]);
  const cells = tf.pad(first, [
    [0, 0],
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const whole = tf.reshape<tf.Rank.R4>(cells, [batch, rows * down, columns * across, channels]);
  return tf.pad(whole, [
    [0, 0],
    [row, height - row - rows * down],
    [column, width - column - columns * across],
    [0, 0],
  ]);
}

function explicit({ padding: [rows, columns] }: PoolingWindow): ExplicitPadding {
  return [[0, 0], [...rows], [...columns], [0, 0]];
}
