import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { anyOperand, expectSameAsEager, type Operand } from '../../../test/compiler/eager-comparison.js';

/** An operand and, for each of its axes, something that depends on the axis' extent. */
function perAxis<T>(choose: (extent: number) => fc.Arbitrary<T>): fc.Arbitrary<[Operand, T[]]> {
  return anyOperand({ minRank: 1 }).chain((x) =>
    fc.tuple(fc.constant(x), fc.tuple(...x.shape.map((extent) => choose(extent)))),
  );
}

/** A mask as tfjs takes it: bit `i` is for axis `i`. */
function bits(flags: readonly boolean[]): number {
  return flags.reduce((mask, flag, axis) => mask | (Number(flag) << axis), 0);
}

const anyAxis = anyOperand({ minRank: 1 }).chain((x) =>
  fc.tuple(fc.constant(x), fc.integer({ min: -x.shape.length, max: x.shape.length - 1 })),
);

describe('slicing kernels', () => {
  it('Slice computes what tfjs does', async () => {
    const slices = perAxis((extent) =>
      fc
        .nat({ max: extent - 1 })
        .chain((begin) =>
          fc.tuple(
            fc.constant(begin),
            fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: extent - begin })),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(slices, async ([x, ranges]) => {
        const begin = ranges.map(([start]) => start);
        const size = ranges.map(([, count]) => count);
        await expectSameAsEager([x], (input) => tf.slice(input, begin, size));
      }),
      { numRuns: 25 },
    );
  });

  it('StridedSlice with any strides and open ends computes what tfjs does', async () => {
    const slices = perAxis((extent) =>
      fc.record({
        first: fc.nat({ max: extent - 1 }),
        last: fc.nat({ max: extent - 1 }),
        step: fc.integer({ min: 1, max: 3 }),
        isOpen: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(slices, async ([x, ranges]) => {
        const begin = ranges.map(({ first }) => first);
        // The end is exclusive, and counts from the end of the axis when negative.
        const end = ranges.map(({ first, last }, axis) => {
          const beyond = first > last ? last - 1 : last + 1;
          return beyond < 0 ? beyond - x.shape[axis]! : beyond;
        });
        const strides = ranges.map(({ first, last, step }) => (first > last ? -step : step));
        const openEnds = bits(ranges.map(({ isOpen }) => isOpen));
        await expectSameAsEager([x], (input) =>
          tf.stridedSlice(input, begin, end, strides, openEnds, openEnds),
        );
      }),
      { numRuns: 40 },
    );
  });

  // With other strides as well, tfjs' own kernel fails.
  it('StridedSlice with shrunk axes computes what tfjs does', async () => {
    const slices = perAxis((extent) => fc.tuple(fc.nat({ max: extent - 1 }), fc.boolean()));
    await fc.assert(
      fc.asyncProperty(slices, async ([x, picks]) => {
        const begin = picks.map(([first]) => first);
        const end = picks.map(([first], axis) => Math.min(first + 2, x.shape[axis]!));
        const strides = picks.map(() => 1);
        const shrunk = bits(picks.map(([, isShrunk]) => isShrunk));
        await expectSameAsEager([x], (input) =>
          tf.stridedSlice(input, begin, end, strides, 0, 0, 0, 0, shrunk),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('StridedSlice with an ellipsis and a new axis computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(anyOperand({ minRank: 2 }), async (x) => {
        await expectSameAsEager([x], (input) => [
          tf.stridedSlice(input, [0, 0], [0, 1], [1, 1], 0, 0, 1),
          tf.stridedSlice(input, [0, 0], [0, 1], [1, 1], 0, 0, 0, 1),
        ]);
      }),
      { numRuns: 10 },
    );
  });

  it('SplitV computes what tfjs does', async () => {
    const splits = anyAxis.chain(([x, axis]) => {
      const extent = x.shape.at(axis)!;
      return fc.tuple(fc.constant(x), fc.constant(axis), fc.integer({ min: 1, max: extent }));
    });
    await fc.assert(
      fc.asyncProperty(splits, async ([x, axis, first]) => {
        const positiveAxis = (axis + x.shape.length) % x.shape.length;
        const extent = x.shape[positiveAxis]!;
        await expectSameAsEager([x], (input) => [
          ...tf.split(input, extent, positiveAxis),
          ...(first < extent ? tf.split(input, [first, extent - first], positiveAxis) : []),
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('Unpack and Reverse compute what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(anyAxis, async ([x, axis]) => {
        await expectSameAsEager([x], (input) => [
          ...tf.unstack(input, axis),
          tf.reverse(input, axis),
          tf.reverse(input),
        ]);
      }),
      { numRuns: 20 },
    );
  });
});
