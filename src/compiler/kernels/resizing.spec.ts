import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import { anyImages, expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';

const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }));

/** tfjs does not allow both. */
const coordinates = fc.constantFrom([false, false], [true, false], [false, true] as const);

/**
 * NHWC or NCHW: from any other order, ONNX Runtime 1.30 moves the transposition behind the resizing and
 * then finds that it cannot resize such an order.
 */
const images = fc
  .tuple(anyImages(), fc.constantFrom([0, 1, 2, 3], [0, 3, 1, 2]))
  .chain(([shape, order]) => operandOf(shape).map((operand) => ({ ...operand, order })));

describe('resizing kernels', () => {
  it.each([
    ['ResizeBilinear', tf.image.resizeBilinear],
    ['ResizeNearestNeighbor', tf.image.resizeNearestNeighbor],
  ] as const)('%s computes what tfjs does', async (_, resize) => {
    await fc.assert(
      fc.asyncProperty(images, sizes, coordinates, async (x, size, [alignCorners, halfPixelCenters]) => {
        await expectSameAsEager([x], (input) =>
          resize(input as tf.Tensor4D, size, alignCorners, halfPixelCenters),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('ResizeNearestNeighbor by whole factors computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(operandOf([2, 3, 5, 4]), async (x) => {
        await expectSameAsEager([x], (input) =>
          tf.image.resizeNearestNeighbor(input as tf.Tensor4D, [6, 15]),
        );
      }),
      { numRuns: 5 },
    );
  });
});
