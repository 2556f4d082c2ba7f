import * as tf from '@tensorflow/tfjs';

import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRule, OperatorRules } from '../operator-call.js';

/** The same elements, in ONNX's order of axes, under other extents. */
function reshaped(call: OperatorCall, x: GraphValue, shape: readonly number[]): GraphValue {
  call.willCompute(shape);
  return GraphValue.inOnnxOrder(tf.reshape(x.inOnnxOrder(), [...shape]));
}

function reshape(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const target = call.integersOf(1, 'shape');
  if (target === undefined) throw call.invalid('lacks its shape');
  return reshaped(call, x, targetShape(call, x.shape, target));
}

/** Extents of the result: 0 copies the operand's (unless switched off), one -1 is what is left. */
function targetShape(call: OperatorCall, shape: readonly number[], target: readonly number[]): number[] {
  const copiesZeros = call.integer('allowzero', 0) === 0;
  const extents = target.map((extent, axis) => {
    if (extent === 0 && copiesZeros) return shape[axis] ?? 0;
    return axis === 0 && isBatch(call, extent, shape) ? (shape[0] ?? 0) : extent;
  });
  const open = extents.indexOf(-1);
  if (extents.some((extent, axis) => extent < 0 && axis !== open)) throw call.unsupported('shape', target);
  return open < 0 ? extents : extents.with(open, openExtent(call, shape, extents));
}

/** A graph exported for one batch size has it in its shapes. */
function isBatch({ setting }: OperatorCall, extent: number, [first]: readonly number[]): boolean {
  return setting.declaredBatchSize === extent && setting.batchSize === first;
}

/** Zeros (an empty batch) that both have cancel; one that only the operand has is what is left. */
function openExtent(call: OperatorCall, shape: readonly number[], extents: readonly number[]): number {
  const given = extents.filter((extent) => extent !== -1);
  const zeros = (list: readonly number[]): number => list.filter((extent) => extent === 0).length;
  if (zeros(shape) > zeros(given)) return 0;
  const size = (list: readonly number[]): number =>
    list.reduce((product, extent) => product * (extent === 0 ? 1 : extent), 1);
  const extent = size(shape) / size(given);
  if (Number.isInteger(extent)) return extent;
  throw call.invalid(`cannot make [${extents.join(', ')}] of [${shape.join(', ')}]`);
}

function flatten(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const given = call.integer('axis', 1);
  const axis = given < 0 ? given + x.rank : given;
  const size = (extents: readonly number[]): number =>
    extents.reduce((product, extent) => product * extent, 1);
  return reshaped(call, x, [size(x.shape.slice(0, axis)), size(x.shape.slice(axis))]);
}

function squeeze(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const given = call.integersOf(1, 'axes')?.map((axis) => (axis < 0 ? axis + x.rank : axis));
  // Without axes every axis of extent 1 goes; the batch is one of them only by chance.
  const isBatchAxis = (axis: number): boolean => axis === 0 && x.shape[0] === call.setting.batchSize;
  const isDropped = (extent: number, axis: number): boolean =>
    given === undefined ? extent === 1 && !isBatchAxis(axis) : given.includes(axis);
  return reshaped(
    call,
    x,
    x.shape.filter((extent, axis) => !isDropped(extent, axis)),
  );
}

function unsqueeze(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const given = call.integersOf(1, 'axes') ?? [];
  const rank = x.rank + given.length;
  call.willCompute(Array.from({ length: rank }, () => 1));
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length || axes.some((axis) => axis < 0 || axis >= rank)) {
    throw call.unsupported('axes', given);
  }
  return reshaped(
    call,
    x,
    axes.reduce((shape, axis) => shape.toSpliced(axis, 0, 1), x.shape),
  );
}

function transpose(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const permutation = call.integers('perm') ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  const isPermutation = new Set(permutation).size === x.rank && permutation.length === x.rank;
  if (!isPermutation) throw call.unsupported('perm', permutation);
  return x.transposed(permutation);
}

function expand(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const shape = tf.backend_util.assertAndGetBroadcastShape(x.shape, call.read(call.input(1)));
  call.willCompute(shape);
  return GraphValue.inOnnxOrder(tf.broadcastTo(x.inOnnxOrder(), shape));
}

/** Passes its input on; what else it has (a mask, a rate) does not matter. */
const pass: OperatorRule = (call) => call.input(0);

export const RESHAPING_RULES: OperatorRules = {
  Dropout: pass,
  Expand: expand,
  Flatten: flatten,
  Identity: pass,
  Reshape: reshape,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
