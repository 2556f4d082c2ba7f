import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { expectSameAsRuntime, tensorOf } from '../../../../test/support/operator-agreement.js';
import { Failure } from '../../../core/failure.js';

const extent = fc.integer({ min: 5, max: 9 });
const images = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 }), extent, extent);

const window = fc
  .record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    fractions: fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 4, maxLength: 4 }),
    automatic: fc.option(fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID')),
  })
  .map(({ kernel, strides, fractions, automatic }) => ({
    kernel_shape: kernel,
    // ONNX Runtime cannot find the padding of windows that leave pixels out.
    strides: automatic === null ? strides : strides.map((stride, axis) => Math.min(stride, kernel[axis]!)),
    // Less than the kernel, which both sides want.
    ...(automatic === null
      ? { pads: fractions.map((fraction, side) => Math.floor(fraction * kernel[side % 2]!)) }
      : { auto_pad: automatic }),
  }));

const pooled = fc.record({ x: images.chain((shape) => tensorOf(shape)), attributes: window });

describe('the rules of pooling', () => {
  it('takes the largest of each window', async () => {
    await fc.assert(
      fc.asyncProperty(pooled, ({ x, attributes }) =>
        expectSameAsRuntime({ operator: 'MaxPool', inputs: [x], attributes }),
      ),
      { numRuns: 60 },
    );
  });

  it('averages, with and without the padding', async () => {
    await fc.assert(
      fc.asyncProperty(pooled, fc.integer({ min: 0, max: 1 }), ({ x, attributes }, counted) =>
        expectSameAsRuntime({
          operator: 'AveragePool',
          inputs: [x],
          attributes: { ...attributes, count_include_pad: counted },
        }),
      ),
      { numRuns: 60 },
    );
  });

  it.each(['MaxPool', 'AveragePool'])(
    '%s adds the windows that rounding up makes room for',
    async (operator) => {
      await fc.assert(
        fc.asyncProperty(
          images.chain((shape) => tensorOf(shape)),
          fc.constantFrom([2, 2], [3, 2], [3, 3]),
          (x, kernel) =>
            expectSameAsRuntime({
              operator,
              inputs: [x],
              attributes: { kernel_shape: kernel, strides: [2, 2], ceil_mode: 1 },
            }),
        ),
        { numRuns: 20 },
      );
    },
  );

  it.each(['GlobalAveragePool', 'GlobalMaxPool'])('%s takes in the whole map', async (operator) => {
    await fc.assert(
      fc.asyncProperty(
        images.chain((shape) => tensorOf(shape)),
        (x) => expectSameAsRuntime({ operator, inputs: [x] }),
      ),
      { numRuns: 10 },
    );
  });

  it('refuses dilated windows', async () => {
    const x = { shape: [1, 1, 6, 6], values: new Array<number>(36).fill(1) };
    const attributes = { kernel_shape: [2, 2], dilations: [2, 2] };
    const refused = expectSameAsRuntime({ operator: 'MaxPool', inputs: [x], attributes });
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow('dilations = [2,2]');
  });
});
