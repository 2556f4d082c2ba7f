import * as tf from '@tensorflow/tfjs';

import { globalAverage } from '../../operations/global-average.js';
import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRule, OperatorRules } from '../operator-call.js';

type Reduce = (x: tf.Tensor, storedAxes: number[]) => tf.Tensor;

/**
 * @param reduce keeps the reduced axes with extent 1
 */
function reduction(reduce: Reduce): OperatorRule {
  return (call) => {
    const x = call.input(0);
    const axes = reducedAxes(call, x);
    if (axes.length === 0) return x;
    const storedAxes = axes.map((axis) => x.storedAxis(axis)).sort((a, b) => a - b);
    const kept = x.map((stored) => reduce(stored, storedAxes));
    if (call.integer('keepdims', 1) !== 0) return kept;
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    return GraphValue.inOnnxOrder(tf.reshape(kept.inOnnxOrder(), shape));
  };
}

/** An attribute in older operator sets, an input in newer ones; none given means all, unless that is switched off. */
function reducedAxes(call: OperatorCall, x: GraphValue): number[] {
  const given = call.integersOf(1, 'axes') ?? [];
  if (given.length > 0) return given.map((axis) => (axis < 0 ? axis + x.rank : axis));
  return call.integer('noop_with_empty_axes', 0) === 1 ? [] : x.shape.map((_, axis) => axis);
}

const mean: Reduce = (x, axes) => {
  const isImageMean = x.rank === 4 && axes.length === 2 && axes[0] === 1 && axes[1] === 2;
  return isImageMean ? globalAverage(x as tf.Tensor4D) : tf.mean(x, axes, true);
};

export const REDUCTION_RULES: OperatorRules = {
  ReduceL2: reduction((x, axes) => tf.sqrt(tf.sum(tf.square(x), axes, true))),
  ReduceMax: reduction((x, axes) => tf.max(x, axes, true)),
  ReduceMean: reduction(mean),
  ReduceSum: reduction((x, axes) => tf.sum(x, axes, true)),
};
