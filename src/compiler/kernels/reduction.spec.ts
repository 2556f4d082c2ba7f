import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import {
  anyOperand,
  expectSameAsEager,
  operandOf,
  shapeOf,
  type OperandOptions,
} from '../../../test/compiler/eager-comparison.js';

type Reduction = (x: tf.Tensor, axis: number[] | undefined, keepDims: boolean) => tf.Tensor;

const REDUCTIONS: readonly [string, Reduction, OperandOptions?][] = [
  ['Sum', tf.sum],
  ['Mean', tf.mean],
  ['Max', tf.max],
  ['Min', tf.min],
  ['Prod', tf.prod],
  ['All', tf.all, { dtype: 'bool', range: [-1, 9] }],
  ['Any', tf.any, { dtype: 'bool', range: [-9, 1] }],
  ['Sum', tf.sum, { dtype: 'int32', range: [-9, 9] }],
  ['Mean', tf.mean, { dtype: 'int32', range: [-9, 9] }],
  ['Max', tf.max, { dtype: 'int32', range: [-9, 9] }],
];

/** An operand with any of its axes, possibly counted from the end, or none given. */
function operandWithAxes(options: OperandOptions) {
  return shapeOf(0, 4).chain((shape) =>
    fc.tuple(
      operandOf(shape, options),
      fc.option(
        fc
          .subarray(shape.flatMap((_, axis) => axis))
          .chain((axes) =>
            fc.boolean().map((isNegative) => axes.map((axis) => (isNegative ? axis - shape.length : axis))),
          ),
        { nil: undefined },
      ),
      fc.boolean(),
    ),
  );
}

describe('reduction kernels', () => {
  it.each(REDUCTIONS)('%s over any axes computes what tfjs does (%#)', async (_, run, options = {}) => {
    await fc.assert(
      fc.asyncProperty(operandWithAxes(options), async ([x, axes, keepDims]) => {
        await expectSameAsEager([x], (input) => run(input, axes, keepDims));
      }),
      { numRuns: 12 },
    );
  });

  it.each([
    ['ArgMax', tf.argMax],
    ['ArgMin', tf.argMin],
  ] as const)('%s computes what tfjs does', async (_, run) => {
    const operands = anyOperand({ minRank: 1 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.nat({ max: x.shape.length - 1 })),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, axis]) => {
        await expectSameAsEager([x], (input) => run(input, axis));
      }),
      { numRuns: 12 },
    );
  });

  it('Cumsum computes what tfjs does', async () => {
    const operands = anyOperand({ minRank: 1 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.nat({ max: x.shape.length - 1 }), fc.boolean(), fc.boolean()),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, axis, exclusive, reverse]) => {
        await expectSameAsEager([x], (input) => tf.cumsum(input, axis, exclusive, reverse));
      }),
      { numRuns: 12 },
    );
  });
});
