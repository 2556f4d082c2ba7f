import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsEager, operandOf, shapeOf } from '../../../test/compiler/eager-comparison.js';

/** Values of rank 2 to 4 with statistics per channel, as inputs or known at compile time. */
const normalisations = shapeOf(2, 4).chain((shape) => {
  const channels = [shape.at(-1)!];
  return fc.tuple(
    operandOf(shape),
    operandOf(channels),
    operandOf(channels, { range: [0.1, 2] }),
    operandOf(channels),
    fc.boolean(),
    fc.boolean(),
  );
});

describe('normalisation kernels', () => {
  it('FusedBatchNorm computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(normalisations, async ([x, mean, variance, scale, isConstant, isScaled]) => {
        const deviation = tf.linspace(0.5, 2, x.shape.at(-1)!);
        await expectSameAsEager([x, mean, variance, scale], (input, average, spread, factor) =>
          tf.batchNorm(
            input as tf.Tensor4D,
            (isConstant ? tf.neg(deviation) : average) as tf.Tensor1D,
            (isConstant ? deviation : spread) as tf.Tensor1D,
            isScaled ? deviation : undefined,
            (isScaled && !isConstant ? factor : undefined) as tf.Tensor1D | undefined,
            0.01,
          ),
        );
      }),
      { numRuns: 30 },
    );
  });
});
