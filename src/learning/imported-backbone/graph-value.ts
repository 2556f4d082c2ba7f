import * as tf from '@tensorflow/tfjs';

import type { Tensor } from '../../onnx/tensor.js';
import { evaluable } from './evaluable-tensor.js';

/** The axes of NHWC memory that N, C, H, W are, and the axes of NCHW that N, H, W, C are. */
const STORED_AXES = [0, 3, 1, 2] as const;
const CHANNELS_LAST = [0, 2, 3, 1] as const;

/**
 * A value of an ONNX graph. Its axes are ONNX's whatever the memory's order: feature maps stay channels-last, which is
 * what tfjs convolves, from one operator to the next, and only an operator that mixes axes has them moved.
 */
export class GraphValue {
  private constructor(
    /** The tensor as it lies in memory. */
    readonly stored: tf.Tensor,
    readonly isChannelsLast: boolean,
  ) {}

  static inOnnxOrder(tensor: tf.Tensor): GraphValue {
    return new GraphValue(tensor, false);
  }

  /** A tensor of the file, as it is evaluated with. */
  static ofConstant(tensor: Tensor): GraphValue {
    const { elements, dims, elementType } = evaluable(tensor);
    return GraphValue.inOnnxOrder(tf.tensor(elements, [...dims], elementType));
  }

  /** @param tensor [B, H, W, C], of which ONNX sees [B, C, H, W] */
  static channelsLast(tensor: tf.Tensor): GraphValue {
    return new GraphValue(tensor, true);
  }

  /** Extents of ONNX's axes. */
  get shape(): number[] {
    const { shape } = this.stored;
    return this.isChannelsLast ? STORED_AXES.map((axis) => shape[axis] ?? 0) : [...shape];
  }

  get rank(): number {
    return this.stored.shape.length;
  }

  /** The axis of the stored tensor that is ONNX's `axis`, which may count from the end. */
  storedAxis(axis: number): number {
    const counted = axis < 0 ? axis + this.rank : axis;
    if (!(counted >= 0 && counted < this.rank))
      throw new RangeError(`there is no axis ${axis} in rank ${this.rank}`);
    return this.isChannelsLast ? (STORED_AXES[counted] ?? counted) : counted;
  }

  /** The tensor with ONNX's axes. */
  inOnnxOrder(): tf.Tensor {
    return this.isChannelsLast ? tf.transpose(this.stored, [...STORED_AXES]) : this.stored;
  }

  /** [B, H, W, C]. @throws RangeError unless the rank is 4 */
  inChannelsLast(): tf.Tensor4D {
    if (this.rank !== 4)
      throw new RangeError(`it takes feature maps of rank 4 and was given rank ${this.rank}`);
    return (this.isChannelsLast ? this.stored : tf.transpose(this.stored, [...CHANNELS_LAST])) as tf.Tensor4D;
  }

  /** The result of an operation that keeps the axes where they are. */
  map(run: (stored: tf.Tensor) => tf.Tensor): GraphValue {
    return new GraphValue(run(this.stored), this.isChannelsLast);
  }

  /**
   * Axes in another order.
   * @param permutation axis k of the result is axis `permutation[k]` of this
   */
  transposed(permutation: readonly number[]): GraphValue {
    const stored = permutation.map((axis) => this.storedAxis(axis));
    if (stored.every((axis, position) => axis === position)) return GraphValue.inOnnxOrder(this.stored);
    if (stored.length === 4 && stored.every((axis, position) => axis === STORED_AXES[position])) {
      return GraphValue.channelsLast(this.stored);
    }
    return GraphValue.inOnnxOrder(tf.transpose(this.stored, stored));
  }
}

/**
 * An operation element by element on operands that broadcast as ONNX has it (aligned at the last axis): channels-last
 * where one of them is and none has more axes.
 */
export function combineElements(
  operands: readonly GraphValue[],
  run: (...tensors: tf.Tensor[]) => tf.Tensor,
): GraphValue {
  const isChannelsLast =
    operands.some((operand) => operand.isChannelsLast) && operands.every(({ rank }) => rank <= 4);
  if (!isChannelsLast)
    return GraphValue.inOnnxOrder(run(...operands.map((operand) => operand.inOnnxOrder())));
  return GraphValue.channelsLast(run(...operands.map(forChannelsLast)));
}

/** An operand as it broadcasts to channels-last feature maps. */
function forChannelsLast(operand: GraphValue): tf.Tensor {
  if (operand.isChannelsLast || operand.stored.size === 1) return operand.stored;
  const missing = Array.from({ length: 4 - operand.rank }, () => 1);
  return GraphValue.inOnnxOrder(tf.reshape(operand.stored, [...missing, ...operand.shape])).inChannelsLast();
}
