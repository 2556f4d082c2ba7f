import * as tf from '@tensorflow/tfjs';

import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';

/** Gemm: alpha a b + beta c, with either matrix transposed; c broadcasts. */
function generalProduct(call: OperatorCall): GraphValue {
  const [a, b] = [call.input(0), call.input(1)].map((value) => value.inOnnxOrder());
  if (a?.rank !== 2 || b?.rank !== 2) throw call.invalid('multiplies no matrices');
  const [transposeA, transposeB] = [call.integer('transA', 0) === 1, call.integer('transB', 0) === 1];
  const [rows = 0, shared = 0] = transposeA ? [...a.shape].reverse() : a.shape;
  const columns = b.shape[transposeB ? 0 : 1] ?? 0;
  call.willCompute([rows, columns]);
  call.setting.effort.multiplyAdds(shared * columns);
  const product = scaled(tf.matMul(a, b, transposeA, transposeB), call.float('alpha', 1));
  const addend = call.optionalInput(2);
  if (addend === undefined) return GraphValue.inOnnxOrder(product);
  return GraphValue.inOnnxOrder(tf.add(product, scaled(addend.inOnnxOrder(), call.float('beta', 1))));
}

function scaled(x: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? x : tf.mul(x, factor);
}

/** MatMul of a matrix, or of stacked ones with one matrix or with as many. */
function matrixProduct(call: OperatorCall): GraphValue {
  const [a, b] = [call.input(0), call.input(1)].map((value) => value.inOnnxOrder());
  if (a === undefined || b === undefined || a.rank < 2 || b.rank < 2) {
    throw call.invalid('multiplies no matrices');
  }
  const columns = b.shape.at(-1) ?? 0;
  const shape = [...a.shape.slice(0, -1), columns];
  call.willCompute(shape);
  call.setting.effort.multiplyAdds(a.shape.slice(1).reduce((product, extent) => product * extent, columns));
  if (b.rank === 2 && a.rank > 2) {
    // Not by a row count of -1, which an empty batch would leave undetermined.
    const rows = a.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
    const product = tf.matMul(tf.reshape(a, [rows, a.shape.at(-1) ?? 0]), b);
    return GraphValue.inOnnxOrder(tf.reshape(product, shape));
  }
  if (a.rank !== b.rank || a.shape.slice(0, -2).some((extent, axis) => extent !== b.shape[axis])) {
    throw call.invalid(`multiplies stacks of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  }
  return GraphValue.inOnnxOrder(tf.matMul(a, b));
}

export const MATRIX_PRODUCT_RULES: OperatorRules = { Gemm: generalProduct, MatMul: matrixProduct };
