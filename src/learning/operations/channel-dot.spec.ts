import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';
import { channelDot } from './channel-dot.js';

describe('channelDot', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('sums the products of each channel', () => {
    const a = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const b = tf.tensor3d([1, 1, 2, 2, 3, 3, 4, 4], [2, 2, 2]);
    expect([...channelDot(a, b).dataSync()]).toEqual([1 + 6 + 15 + 28, 2 + 8 + 18 + 32]);
  });

  it('computes the same compiled, of large and small maps and of rows', async () => {
    const shapes = fc.oneof(
      fc.constantFrom([2, 17, 16, 3], [1, 16, 16, 8], [3, 4, 5, 2], [7, 4], [6]),
      fc.constant([2, 2, 2, 2]),
    );
    const operands = shapes.chain((shape) =>
      fc.tuple(operandOf(shape, { range: [-0.5, 0.5] }), operandOf(shape, { range: [-0.5, 0.5] })),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([a, b]) => {
        await expectSameAsEager([a, b], (left, right) => channelDot(left, right));
      }),
      { numRuns: 30 },
    );
  });
});
