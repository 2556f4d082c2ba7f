import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import {
  anyOperand,
  evaluate,
  expectClose,
  expectSameAsEager,
} from '../../../test/compiler/eager-comparison.js';
import { compileToOnnx } from '../index.js';

type Unary = (x: tf.Tensor) => tf.Tensor;

const KERNELS: readonly [string, Unary, (readonly [number, number])?][] = [
  ['Abs', tf.abs],
  ['Acos', tf.acos, [-1, 1]],
  ['Acosh', tf.acosh, [1, 5]],
  ['Asin', tf.asin, [-1, 1]],
  ['Asinh', tf.asinh],
  ['Atan', tf.atan],
  ['Atanh', tf.atanh, [-0.9, 0.9]],
  ['Ceil', tf.ceil],
  ['Cos', tf.cos, [-6, 6]],
  ['Cosh', tf.cosh],
  ['Erf', tf.erf],
  ['Exp', tf.exp],
  ['Expm1', tf.expm1],
  ['Floor', tf.floor],
  ['IsFinite', (x) => tf.isFinite(tf.div(1, tf.relu(x)))],
  ['IsInf', (x) => tf.isInf(tf.div(1, tf.relu(x)))],
  ['IsNan', (x) => tf.isNaN(tf.sqrt(x))],
  ['Log', tf.log, [0.01, 5]],
  ['Log1p', tf.log1p, [-0.9, 5]],
  ['LogicalNot', (x) => tf.logicalNot(tf.greater(x, 0))],
  ['Neg', tf.neg],
  ['Reciprocal', tf.reciprocal, [0.1, 3]],
  ['Round', tf.round, [-5, 5]],
  ['Rsqrt', tf.rsqrt, [0.1, 3]],
  ['Sign', tf.sign],
  ['Sin', tf.sin, [-6, 6]],
  ['Sinh', tf.sinh],
  ['Sqrt', tf.sqrt, [0, 5]],
  ['Square', tf.square],
  ['Tan', tf.tan, [-1.2, 1.2]],
];

describe('unary kernels', () => {
  it.each(KERNELS)('%s computes what tfjs does', async (_, run, range = [-2, 2]) => {
    await fc.assert(
      fc.asyncProperty(anyOperand({ range }), async (x) => {
        await expectSameAsEager([x], run);
      }),
      { numRuns: 8 },
    );
  });

  it.each([
    ['Round', tf.round, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]],
    // Relative precision near zero is the reason for these two kernels.
    ['Expm1', tf.expm1, [-1e-6, 1e-7, -200, 0, Infinity]],
    ['Log1p', tf.log1p, [-1e-6, 1e-7, 1e30, 0, Infinity, -1]],
  ] as const)('%s is exact at its critical points', async (_, run, values) => {
    const x = tf.tensor1d([...values]);
    const model = compileToOnnx({
      name: 'critical',
      inputs: [{ name: 'x', shape: x.shape, dtype: 'float32' }],
      outputs: ['y'],
      run: (input) => [tf.div(run(input), tf.onesLike(input).mul(1e-7))],
    });
    const scaled = tf.div(run(x), 1e-7);
    expectClose((await evaluate(model, { x }))['y']!, scaled);
  });
});
