import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  expectSameAsRuntime,
  integers,
  scalar,
  tensorOf,
} from '../../../../test/support/operator-agreement.js';
import { Failure } from '../../../core/failure.js';

const shape = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const INTEGER_END = 2 ** 31 - 1;

describe('the rules of slicing, gathering and padding', () => {
  it('Slice counts from either end, in steps of either direction', async () => {
    const position = fc.integer({ min: -8, max: 8 });
    // "To the end" of a backward range is the least number; ONNX Runtime reads the largest otherwise than ONNX does.
    const range = fc.constantFrom(1, 1, 2, 3, -1, -2).chain((step) =>
      fc.record({
        step: fc.constant(step),
        start: fc.oneof(position, fc.constantFrom(INTEGER_END, -INTEGER_END)),
        end: fc.oneof(position, fc.constant(step > 0 ? INTEGER_END : -INTEGER_END)),
      }),
    );
    const sliced = shape.chain((extents) =>
      fc.subarray([...extents.keys()], { minLength: 1 }).chain((axes) =>
        fc.record({
          x: tensorOf(extents),
          axes: fc.constant(axes),
          ranges: fc.array(range, { minLength: axes.length, maxLength: axes.length }),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(sliced, ({ x, axes, ranges }) => {
        const lists = [
          ranges.map(({ start }) => start),
          ranges.map(({ end }) => end),
          axes,
          ranges.map(({ step }) => step),
        ];
        return expectSameAsRuntime({
          operator: 'Slice',
          inputs: [x, ...lists.map((list) => integers(...list))],
        });
      }),
      { numRuns: 150 },
    );
  });

  it('Slice takes attributes in older files', async () => {
    const x = { shape: [3, 4], values: [...Array(12).keys()] };
    const attributes = { starts: [1, -3], ends: [3, INTEGER_END], axes: [0, 1] };
    await expectSameAsRuntime({ operator: 'Slice', inputs: [x], attributes, operatorSet: 9 });
  });

  it('Gather picks positions by indices of any rank', async () => {
    const gathered = shape.chain((extents) =>
      fc.nat({ max: extents.length - 1 }).chain((axis) => {
        const index = fc.integer({ min: -extents[axis]!, max: extents[axis]! - 1 });
        const indices = fc.oneof(
          index.map((value) => ({ ...scalar(value), isInt64: true })),
          fc.array(index, { minLength: 1, maxLength: 5 }).map((values) => integers(...values)),
          fc
            .array(index, { minLength: 4, maxLength: 4 })
            .map((values) => ({ ...integers(...values), shape: [2, 2] })),
        );
        return fc.record({ x: tensorOf(extents), axis: fc.constant(axis), indices });
      }),
    );
    await fc.assert(
      fc.asyncProperty(gathered, ({ x, axis, indices }) =>
        expectSameAsRuntime({ operator: 'Gather', inputs: [x, indices], attributes: { axis } }),
      ),
      { numRuns: 60 },
    );
  });

  it('Pad adds a constant at either end, or cuts off', async () => {
    const padded = fc
      .array(fc.integer({ min: 3, max: 5 }), { minLength: 1, maxLength: 4 })
      .chain((extents) => {
        const count = fc.integer({ min: -1, max: 2 });
        const length = 2 * extents.length;
        return fc.record({
          x: tensorOf(extents),
          pads: fc.array(count, { minLength: length, maxLength: length }),
          value: fc.option(fc.constantFrom(0, 1.5)),
        });
      });
    await fc.assert(
      fc.asyncProperty(padded, ({ x, pads, value }) =>
        expectSameAsRuntime({
          operator: 'Pad',
          inputs: [x, integers(...pads), value === null ? undefined : scalar(value)],
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('refuses to mirror', async () => {
    const x = { shape: [3], values: [1, 2, 3] };
    const refused = expectSameAsRuntime({
      operator: 'Pad',
      inputs: [x, integers(1, 1)],
      attributes: { mode: 'reflect' },
    });
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow(
      'Pad (node that computes y0) cannot be trained with mode = "reflect"',
    );
  });
});
