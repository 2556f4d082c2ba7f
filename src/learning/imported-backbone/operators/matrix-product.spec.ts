import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsRuntime, tensorOf } from '../../../../test/support/operator-agreement.js';

const extent = fc.integer({ min: 1, max: 6 });
const flag = fc.integer({ min: 0, max: 1 });

describe('the rules of matrix products', () => {
  it('Gemm transposes, scales and adds what broadcasts', async () => {
    const product = fc
      .record({ rows: extent, shared: extent, columns: extent, transA: flag, transB: flag })
      .chain(({ rows, shared, columns, transA, transB }) => {
        const addends = fc.constantFrom([columns], [rows, columns], [1, columns], [rows, 1], [1]);
        return fc.record({
          a: tensorOf(transA === 1 ? [shared, rows] : [rows, shared]),
          b: tensorOf(transB === 1 ? [columns, shared] : [shared, columns]),
          c: fc.option(addends.chain((shape) => tensorOf(shape))),
          attributes: fc.record({
            ...{ transA: fc.constant(transA), transB: fc.constant(transB) },
            ...{
              alpha: fc.constantFrom({ float: 1 }, { float: 0.5 }),
              beta: fc.constantFrom({ float: 1 }, { float: 2 }),
            },
          }),
        });
      });
    await fc.assert(
      fc.asyncProperty(product, ({ a, b, c, attributes }) =>
        expectSameAsRuntime({ operator: 'Gemm', inputs: [a, b, c ?? undefined], attributes }),
      ),
      { numRuns: 50 },
    );
  });

  it('MatMul takes one matrix, or a stack with one or with as many', async () => {
    const product = fc
      .tuple(fc.array(extent, { maxLength: 2 }), extent, extent, extent, fc.boolean())
      .chain(([stack, rows, shared, columns, isStacked]) =>
        fc.tuple(
          tensorOf([...stack, rows, shared]),
          tensorOf(isStacked ? [...stack, shared, columns] : [shared, columns]),
        ),
      );
    await fc.assert(
      fc.asyncProperty(product, (inputs) => expectSameAsRuntime({ operator: 'MatMul', inputs })),
      { numRuns: 40 },
    );
  });
});
