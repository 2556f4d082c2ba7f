import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { anyOperand, expectSameAsEager, type OperandType } from '../../../test/compiler/eager-comparison.js';

const TYPES: readonly OperandType[] = ['float32', 'int32', 'bool'];

describe('conversion kernels', () => {
  it.each(TYPES)('Cast from %s to any type computes what tfjs does', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(anyOperand({ dtype, range: [-3, 3] }), async (x) => {
        await expectSameAsEager([x], (input) => TYPES.map((target) => tf.cast(input, target)));
      }),
      { numRuns: 8 },
    );
  });

  it.each(TYPES)('Identity, ZerosLike and OnesLike of %s compute what tfjs does', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(anyOperand({ dtype }), async (x) => {
        await expectSameAsEager([x], (input) => [tf.clone(input), tf.zerosLike(input), tf.onesLike(input)]);
      }),
      { numRuns: 8 },
    );
  });
});
