import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';

/** Two shapes of equally many elements: the same small factors, grouped and padded with ones differently. */
const reshapes = fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 5 }).chain((factors) => {
  const grouped = fc
    .array(fc.boolean(), { minLength: factors.length, maxLength: factors.length })
    .map((joins) =>
      factors.reduce<number[]>((shape, factor, index) => {
        if (!joins[index] || shape.length === 0) return [...shape, factor];
        return shape.with(-1, shape.at(-1)! * factor);
      }, []),
    );
  return fc.tuple(grouped, grouped);
});

const permuted = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  const permutation = fc.shuffledSubarray(axes, { minLength: axes.length });
  return fc.tuple(operandOf(shape), permutation);
});

describe('reshaping kernels', () => {
  it('Reshape in any axis order computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(
        reshapes.chain(([before, after]) => fc.tuple(operandOf(before), fc.constant(after))),
        async ([x, after]) => {
          await expectSameAsEager([x], (input) => [tf.reshape(input, after), tf.reshape(input, [-1])]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a channel shuffle (Reshape, Transpose, Reshape) computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(operandOf([2, 3, 4, 6]), async (x) => {
        await expectSameAsEager([x], (input) => {
          const groups = tf.reshape(input, [2, 3, 4, 2, 3]);
          return tf.reshape(tf.transpose(groups, [0, 1, 2, 4, 3]), [2, 3, 4, 6]);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('Transpose computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(permuted, async ([x, permutation]) => {
        await expectSameAsEager([x], (input) => tf.transpose(input, permutation));
      }),
      { numRuns: 20 },
    );
  });

  it('ExpandDims and squeeze compute what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(operandOf([2, 1, 3, 1]), fc.integer({ min: -4, max: 4 }), async (x, axis) => {
        await expectSameAsEager([x], (input) => [
          tf.expandDims(input, axis),
          tf.squeeze(input),
          tf.squeeze(input, [3]),
        ]);
      }),
      { numRuns: 20 },
    );
  });
});
