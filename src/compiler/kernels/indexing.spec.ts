import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  anyOperand,
  expectSameAsEager,
  operandOf,
  shapeOf,
} from '../../../test/compiler/eager-comparison.js';
import { compileToOnnx, UnsupportedAttributeError } from '../index.js';

describe('indexing kernels', () => {
  it('GatherV2 with indices of any rank computes what tfjs does', async () => {
    const operands = anyOperand({ minRank: 1, maxRank: 3 }).chain((x) =>
      fc.nat({ max: x.shape.length - 1 }).chain((axis) =>
        fc.tuple(
          fc.constant(x),
          shapeOf(0, 2).chain((shape) =>
            operandOf(shape, { dtype: 'int32', range: [0, x.shape[axis]! - 1] }),
          ),
          fc.constant(axis),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, indices, axis]) => {
        await expectSameAsEager([x, indices], (input, positions) => tf.gather(input, positions, axis));
      }),
      { numRuns: 25 },
    );
  });

  it('OneHot leaves out indices beyond the depth, as tfjs does', async () => {
    const indices = shapeOf(1, 3).chain((shape) => operandOf(shape, { dtype: 'int32', range: [-3, 6] }));
    await fc.assert(
      fc.asyncProperty(indices, async (x) => {
        await expectSameAsEager([x], (input) => [tf.oneHot(input, 4), tf.oneHot(input, 4, 2, -1, 'int32')]);
      }),
      { numRuns: 15 },
    );
  });

  it('TopK computes what tfjs does', async () => {
    const operands = anyOperand({ minRank: 1 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.integer({ min: 1, max: x.shape.at(-1)! })),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, k]) => {
        await expectSameAsEager([x], (input) => {
          const { values, indices } = tf.topk(input, k);
          return [values, indices];
        });
      }),
      { numRuns: 15 },
    );
  });

  it('names the attribute when gathering within batches, which is not supported', () => {
    const compile = () =>
      compileToOnnx({
        name: 'batched',
        inputs: [{ name: 'x', shape: [2, 3], dtype: 'float32' }],
        outputs: ['y'],
        run: (x) => [tf.gather(x, tf.zeros<tf.Rank.R2>([2, 1], 'int32'), 1, 1)],
      });
    expect(compile).toThrow(UnsupportedAttributeError);
    expect(compile).toThrow('GatherV2 is not supported with batchDims = 1');
  });
});
