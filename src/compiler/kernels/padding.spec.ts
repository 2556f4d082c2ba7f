import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { anyOperand, expectSameAsEager } from '../../../test/compiler/eager-comparison.js';

describe('padding kernels', () => {
  it('PadV2 computes what tfjs does', async () => {
    const amount = fc.nat({ max: 3 });
    const operands = anyOperand({ minRank: 1 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(() => fc.tuple(amount, amount)))),
    );
    await fc.assert(
      fc.asyncProperty(operands, fc.constantFrom(0, -1.5), async ([x, paddings], value) => {
        await expectSameAsEager([x], (input) => tf.pad(input, paddings, value));
      }),
      { numRuns: 20 },
    );
  });

  it.each(['reflect', 'symmetric'] as const)('MirrorPad (%s) computes what tfjs does', async (mode) => {
    const operands = anyOperand({ minRank: 1 }).chain((x) => {
      const paddings = x.shape.map((extent) => {
        const amount = fc.nat({ max: mode === 'reflect' ? extent - 1 : extent });
        return fc.tuple(amount, amount);
      });
      return fc.tuple(fc.constant(x), fc.tuple(...paddings));
    });
    await fc.assert(
      fc.asyncProperty(operands, async ([x, paddings]) => {
        await expectSameAsEager([x], (input) => tf.mirrorPad(input, paddings, mode));
      }),
      { numRuns: 20 },
    );
  });
});
