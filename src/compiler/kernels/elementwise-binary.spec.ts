import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import {
  expectSameAsEager,
  operandOf,
  shapeOf,
  type OperandOptions,
} from '../../../test/compiler/eager-comparison.js';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Two operands that broadcast against each other, each with its axes in an arbitrary order. */
function broadcastingOperands(first: OperandOptions = {}, second: OperandOptions = first) {
  return shapeOf(0, 4).chain((shape) => {
    const operand = (options: OperandOptions) =>
      fc
        .tuple(fc.nat({ max: shape.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
        .chain(([dropped, isUnit]) => {
          const reduced = shape.map((extent, axis) => (isUnit[axis]! ? 1 : extent)).slice(dropped);
          return operandOf(reduced, options);
        });
    return fc.tuple(operandOf(shape, first), operand(second));
  });
}

const FLOAT_KERNELS: readonly [string, Binary, OperandOptions?, OperandOptions?][] = [
  ['Add', tf.add],
  ['Sub', tf.sub],
  ['Multiply', tf.mul],
  ['RealDiv', tf.div, {}, { range: [0.5, 2] }],
  ['Maximum', tf.maximum],
  ['Minimum', tf.minimum],
  ['Pow', tf.pow, { range: [0.1, 2] }, {}],
  ['SquaredDifference', tf.squaredDifference],
  ['Equal', (a, b) => tf.equal(tf.round(a), tf.round(b))],
  ['NotEqual', (a, b) => tf.notEqual(tf.round(a), tf.round(b))],
  ['Greater', tf.greater],
  ['GreaterEqual', (a, b) => tf.greaterEqual(tf.round(a), tf.round(b))],
  ['Less', tf.less],
  ['LessEqual', (a, b) => tf.lessEqual(tf.round(a), tf.round(b))],
  ['AddN', (a, b) => tf.addN([tf.add(a, b), tf.sub(a, b), tf.mul(a, b)])],
  ['Select', (a, b) => tf.where(tf.greater(a, b), a, b)],
];

const INTEGER_KERNELS: readonly [string, Binary][] = [
  ['Add', tf.add],
  ['Multiply', tf.mul],
  ['FloorDiv', tf.floorDiv],
  ['Mod', tf.mod],
  ['Maximum', tf.maximum],
  ['Equal', tf.equal],
  ['Less', tf.less],
];

const LOGICAL_KERNELS: readonly [string, Binary][] = [
  ['LogicalAnd', tf.logicalAnd],
  ['LogicalOr', tf.logicalOr],
  ['LogicalXor', tf.logicalXor],
];

/** Checks both orders of the operands, so that either may be the smaller one. */
async function check(run: Binary, first?: OperandOptions, second = first): Promise<void> {
  const isSameDomain = first === second;
  await fc.assert(
    fc.asyncProperty(broadcastingOperands(first, second), async ([a, b]) => {
      await expectSameAsEager([a, b], run);
      if (isSameDomain) await expectSameAsEager([b, a], run);
    }),
    { numRuns: 12 },
  );
}

describe('binary kernels', () => {
  it.each(FLOAT_KERNELS)('%s on floats computes what tfjs does', (_, run, first, second) =>
    check(run, first, second),
  );

  it.each(INTEGER_KERNELS)('%s on integers computes what tfjs does', (_, run) =>
    check(run, { dtype: 'int32', range: [-9, 9] }, { dtype: 'int32', range: [1, 9] }),
  );

  it.each(LOGICAL_KERNELS)('%s computes what tfjs does', (_, run) => check(run, { dtype: 'bool' }));

  it('FloorDiv and Mod round down for either sign', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastingOperands({ range: [-9, 9] }, { range: [0.5, 3] }), async ([a, b]) => {
        await expectSameAsEager([a, b], (x, y) => [tf.mod(x, y), tf.mod(x, tf.neg(y))]);
        // At a whole quotient one side may round up and the other down: keep away from those.
        await expectSameAsEager([a], (x) => tf.floorDiv(tf.add(tf.round(x), 0.5), -2));
      }),
      { numRuns: 8 },
    );
  });

  it('Select with a condition per row picks rows', async () => {
    const operands = fc.tuple(operandOf([4], { dtype: 'bool' }), operandOf([4, 3, 2]), operandOf([4, 3, 2]));
    await fc.assert(
      fc.asyncProperty(operands, async ([condition, a, b]) => {
        await expectSameAsEager([condition, a, b], (rows, x, y) =>
          tf.where(tf.reshape(rows, [4, 1, 1]), x, y),
        );
      }),
      { numRuns: 5 },
    );
  });
});
