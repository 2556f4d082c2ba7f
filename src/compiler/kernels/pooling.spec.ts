import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { anyImages, expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';

type Window = [number, number];

const side = fc.integer({ min: 2, max: 3 });

/** By name, windows of any shape; by number, square ones, no further apart than they are wide. */
const placements = fc.oneof(
  fc.record({
    size: fc.tuple(side, side),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom<'same' | 'valid' | 0 | 1>('same', 'valid'),
    rounding: fc.constant(undefined),
  }),
  fc
    .tuple(side, fc.integer({ min: 1, max: 2 }), fc.constantFrom([0, 'ceil'], [0, 'floor'], [1, 'floor']))
    .map(([extent, stride, [pad, rounding]]) => ({
      size: [extent, extent] as Window,
      strides: [stride, stride] as Window,
      pad: pad,
      rounding: rounding,
    })),
);

const images = anyImages(3).chain((shape) => operandOf(shape));

describe('pooling kernels', () => {
  it.each([
    ['MaxPool', tf.maxPool],
    ['AvgPool', tf.avgPool],
  ] as const)('%s computes what tfjs does', async (_, pool) => {
    await fc.assert(
      fc.asyncProperty(images, placements, async (x, { size, strides, pad, rounding }) => {
        await expectSameAsEager([x], (input) => pool(input as tf.Tensor4D, size, strides, pad, rounding));
      }),
      { numRuns: 40 },
    );
  });
});
