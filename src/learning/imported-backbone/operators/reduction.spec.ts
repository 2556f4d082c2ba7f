import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsRuntime, integers, tensorOf } from '../../../../test/support/operator-agreement.js';

const reduced = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 })
  .chain((shape) =>
    fc.record({
      x: tensorOf(shape),
      axes: fc.subarray([...shape.keys()]),
      isFromEnd: fc.boolean(),
      keepdims: fc.integer({ min: 0, max: 1 }),
    }),
  )
  .map(({ x, axes, isFromEnd, keepdims }) => ({
    x,
    axes: isFromEnd ? axes.map((axis) => axis - x.shape.length) : axes,
    keepdims,
  }));

describe('the rules of reductions', () => {
  it.each(['ReduceMean', 'ReduceMax', 'ReduceL2'])('%s reduces any axes, or all', async (operator) => {
    await fc.assert(
      fc.asyncProperty(reduced, ({ x, axes, keepdims }) =>
        expectSameAsRuntime({
          operator,
          inputs: [x],
          attributes: { keepdims, ...(axes.length === 0 ? {} : { axes }) },
        }),
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['ReduceSum', 17],
    ['ReduceMean', 18],
  ])('%s takes its axes as an input in version %i', async (operator, operatorSet) => {
    await fc.assert(
      fc.asyncProperty(reduced, fc.integer({ min: 0, max: 1 }), ({ x, axes, keepdims }, noop) =>
        expectSameAsRuntime({
          operator,
          inputs: axes.length === 0 ? [x] : [x, integers(...axes)],
          attributes: { keepdims, noop_with_empty_axes: noop },
          operatorSet,
        }),
      ),
      { numRuns: 40 },
    );
  });
});
