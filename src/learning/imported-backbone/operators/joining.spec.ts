import fc from 'fast-check';
import { describe, it } from 'vitest';

import { expectSameAsRuntime, integers, tensorOf } from '../../../../test/support/operator-agreement.js';

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
const RUNS = { numRuns: 40 };

/** A shape and one of its axes, counted from either end. */
const shapeWithAxis = shape.chain((extents) =>
  fc.record({
    shape: fc.constant(extents),
    axis: fc.nat({ max: extents.length - 1 }),
    isFromEnd: fc.boolean(),
  }),
);

const counted = (axis: number, rank: number, isFromEnd: boolean): number => (isFromEnd ? axis - rank : axis);

describe('the rules of joining and splitting', () => {
  it('Concat joins along any axis', async () => {
    const joined = shapeWithAxis.chain(({ shape: extents, axis, isFromEnd }) =>
      fc.record({
        inputs: fc
          .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
          .chain((sizes) => fc.tuple(...sizes.map((size) => tensorOf(extents.with(axis, size))))),
        axis: fc.constant(counted(axis, extents.length, isFromEnd)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(joined, ({ inputs, axis }) =>
        expectSameAsRuntime({ operator: 'Concat', inputs, attributes: { axis } }),
      ),
      RUNS,
    );
  });

  it.each([11, 13])('Split takes the extents of its parts as version %i has them', async (operatorSet) => {
    const parts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
    const cut = fc.tuple(shapeWithAxis, parts).chain(([{ shape: extents, axis, isFromEnd }, sizes]) => {
      const whole = sizes.reduce((sum, size) => sum + size, 0);
      return fc.record({
        x: tensorOf(extents.with(axis, whole)),
        sizes: fc.constant(sizes),
        axis: fc.constant(counted(axis, extents.length, isFromEnd)),
      });
    });
    await fc.assert(
      fc.asyncProperty(cut, ({ x, sizes, axis }) =>
        expectSameAsRuntime({
          operator: 'Split',
          inputs: operatorSet < 13 ? [x] : [x, integers(...sizes)],
          attributes: operatorSet < 13 ? { axis, split: sizes } : { axis },
          outputCount: sizes.length,
          operatorSet,
        }),
      ),
      RUNS,
    );
  });

  it('Split makes equal parts where none are given, and a smaller last one from version 18 on', async () => {
    const x = { shape: [2, 6], values: [...Array(12).keys()] };
    await expectSameAsRuntime({ operator: 'Split', inputs: [x], attributes: { axis: 1 }, outputCount: 3 });
    const uneven = { shape: [2, 5], values: [...Array(10).keys()] };
    await expectSameAsRuntime({
      operator: 'Split',
      inputs: [uneven],
      attributes: { axis: 1, num_outputs: 3 },
      outputCount: 3,
      operatorSet: 18,
    });
  });
});
