import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';

const extent = fc.integer({ min: 1, max: 5 });

/** Two matrices or batches of matrices, either of them transposed, and the rows and columns of the product. */
const products = fc
  .record({
    extents: fc.tuple(extent, extent, extent),
    batches: fc.constantFrom(
      [[], []],
      [[3], [3]],
      [[1], [3]],
      [
        [2, 3],
        [2, 3],
      ],
      [
        [2, 3],
        [1, 3],
      ],
    ),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })
  .chain(({ extents: [rows, inner, columns], batches: [batchA, batchB], transposeA, transposeB }) =>
    fc.record({
      a: operandOf([...batchA, ...(transposeA ? [inner, rows] : [rows, inner])]),
      b: operandOf([...batchB, ...(transposeB ? [columns, inner] : [inner, columns])]),
      bias: fc.oneof(operandOf([columns]), operandOf([rows, columns])),
      transposeA: fc.constant(transposeA),
      transposeB: fc.constant(transposeB),
      activation: fc.constantFrom('linear' as const, 'relu' as const, 'sigmoid' as const, 'prelu' as const),
    }),
  );

describe('matrix product kernels', () => {
  it('BatchMatMul computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(products, async ({ a, b, transposeA, transposeB }) => {
        await expectSameAsEager([a, b], (x, y) => tf.matMul(x, y, transposeA, transposeB));
      }),
      { numRuns: 30 },
    );
  });

  it('_FusedMatMul computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(products, async ({ a, b, bias, ...attributes }) => {
        // tfjs does not broadcast batches in the fused form.
        fc.pre(a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join());
        await expectSameAsEager([a, b, bias], (x, y, offset) =>
          tf.fused.matMul({ a: x, b: y, bias: offset, preluActivationWeights: offset, ...attributes }),
        );
      }),
      { numRuns: 30 },
    );
  });
});
