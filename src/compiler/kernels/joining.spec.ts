import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import {
  anyOperand,
  expectSameAsEager,
  operandOf,
  shapeOf,
} from '../../../test/compiler/eager-comparison.js';

describe('joining kernels', () => {
  it('Concat of operands in different axis orders computes what tfjs does', async () => {
    const operands = shapeOf(1, 4).chain((shape) =>
      fc.nat({ max: shape.length - 1 }).chain((axis) => {
        const part = fc.integer({ min: 1, max: 4 }).chain((extent) => operandOf(shape.with(axis, extent)));
        return fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constant(axis));
      }),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([parts, axis]) => {
        await expectSameAsEager(parts, (...inputs) => tf.concat(inputs, axis));
      }),
      { numRuns: 25 },
    );
  });

  it('Pack computes what tfjs does', async () => {
    const operands = shapeOf(0, 3).chain((shape) =>
      fc.tuple(
        fc.array(operandOf(shape), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: -shape.length - 1, max: shape.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([parts, axis]) => {
        await expectSameAsEager(parts, (...inputs) => tf.stack(inputs, axis));
      }),
      { numRuns: 20 },
    );
  });

  it('Tile computes what tfjs does', async () => {
    const operands = anyOperand({ minRank: 1 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(() => fc.integer({ min: 1, max: 3 })))),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, repeats]) => {
        await expectSameAsEager([x], (input) => tf.tile(input, repeats));
      }),
      { numRuns: 15 },
    );
  });

  it('broadcasting to a larger shape computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(operandOf([3, 1, 2]), async (x) => {
        await expectSameAsEager([x], (input) => tf.broadcastTo(input, [2, 3, 4, 2]));
      }),
      { numRuns: 8 },
    );
  });
});
