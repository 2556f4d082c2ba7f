import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { expectSameAsRuntime, integers, tensorOf } from '../../../../test/support/operator-agreement.js';

const extent = fc.integer({ min: 1, max: 4 });
const shape = fc.array(extent, { minLength: 1, maxLength: 5 });
const RUNS = { numRuns: 40 };

describe('the rules of reshaping', () => {
  it('Flatten joins the axes before and from any one, in the order of channels first', async () => {
    const flattened = shape.chain((extents) =>
      fc.record({ x: tensorOf(extents), axis: fc.integer({ min: -extents.length, max: extents.length }) }),
    );
    await fc.assert(
      fc.asyncProperty(flattened, ({ x, axis }) =>
        expectSameAsRuntime({ operator: 'Flatten', inputs: [x], attributes: { axis } }),
      ),
      RUNS,
    );
  });

  it('Reshape copies extents for 0 and works one out for -1', async () => {
    const reshaped = shape.chain((extents) => {
      const copied = extents.map((size, axis) => fc.constantFrom(size, ...(axis < 4 ? [0] : [])));
      return fc.record({
        x: tensorOf(extents),
        target: fc.tuple(...copied),
        open: fc.nat({ max: extents.length }),
      });
    });
    await fc.assert(
      fc.asyncProperty(reshaped, ({ x, target, open }) => {
        const shortened = open < target.length ? [...target.slice(0, open), -1] : target;
        return expectSameAsRuntime({ operator: 'Reshape', inputs: [x, integers(...shortened)] });
      }),
      RUNS,
    );
  });

  it('Transpose moves axes, also into and out of the order that is kept in memory', async () => {
    const transposed = shape.chain((extents) => {
      const axes = [...extents.keys()];
      const length = { minLength: axes.length, maxLength: axes.length };
      return fc.record({ x: tensorOf(extents), perm: fc.option(fc.shuffledSubarray(axes, length)) });
    });
    await fc.assert(
      fc.asyncProperty(transposed, ({ x, perm }) =>
        expectSameAsRuntime({
          operator: 'Transpose',
          inputs: [x],
          attributes: perm === null ? {} : { perm },
        }),
      ),
      { numRuns: 80 },
    );
  });

  it.each([11, 13])('Unsqueeze and Squeeze take their axes as version %i has them', async (operatorSet) => {
    const inserted = fc.array(extent, { minLength: 1, maxLength: 3 }).chain((extents) =>
      fc.record({
        x: tensorOf(extents),
        axes: fc.subarray([...Array(extents.length + 2).keys()], { minLength: 2, maxLength: 2 }),
        isFromEnd: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(inserted, async ({ x, axes, isFromEnd }) => {
        const rank = x.shape.length + 2;
        const given = isFromEnd ? axes.map((axis) => axis - rank) : axes;
        const withAxes = (operand: typeof x) =>
          operatorSet < 13
            ? { inputs: [operand], attributes: { axes: given }, operatorSet }
            : { inputs: [operand, integers(...given)], operatorSet };
        await expectSameAsRuntime({ operator: 'Unsqueeze', ...withAxes(x) });
        const wide = axes.reduce((extents, axis) => extents.toSpliced(axis, 0, 1), [...x.shape]);
        await expectSameAsRuntime({ operator: 'Squeeze', ...withAxes({ ...x, shape: wide }) });
      }),
      RUNS,
    );
  });

  it('Squeeze without axes drops all of extent 1', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape.chain((extents) => tensorOf(extents)),
        (x) => expectSameAsRuntime({ operator: 'Squeeze', inputs: [x] }),
      ),
      { numRuns: 20 },
    );
  });

  it('Expand broadcasts', async () => {
    const expanded = shape.chain((extents) => {
      const ones = fc.array(fc.boolean(), { minLength: extents.length, maxLength: extents.length });
      return ones.chain((isOne) =>
        fc.record({
          x: tensorOf(extents.map((size, axis) => (isOne[axis] === true ? 1 : size))),
          target: fc.constant(extents),
        }),
      );
    });
    await fc.assert(
      fc.asyncProperty(expanded, ({ x, target }) =>
        expectSameAsRuntime({ operator: 'Expand', inputs: [x, integers(...target)] }),
      ),
      RUNS,
    );
  });

  it.each(['Identity', 'Dropout'])('%s passes its input on', async (operator) => {
    const x = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
    await expect(expectSameAsRuntime({ operator, inputs: [x] })).resolves.toBeUndefined();
  });
});
