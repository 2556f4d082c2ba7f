import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';
import { cpuRuntimeTarget } from '../../learning/engines/runtime-target.js';
import { CHANNELS_FIRST } from '../graph/axis-order.js';
import { compileToOnnx } from '../index.js';

/** Rounding grows with the terms of a sum, and there are many positions here. */
const SMALL = { range: [-0.1, 0.1] } as const;

const extent = fc.integer({ min: 1, max: 3 });

/** Of up to 9 images with up to 400 positions each: some are more than one product takes. */
const convolutions = fc
  .record({
    batch: fc.constantFrom(1, 4, 5, 6, 9),
    side: fc.constantFrom([7, 7], [20, 20], [19, 21]),
    // 40 and 36 make no whole blocks, at least of 16.
    inChannels: fc.constantFrom(32, 36, 40, 48),
    outChannels: fc.constantFrom(3, 16),
    kernel: fc.tuple(extent, extent),
    stride: fc.tuple(extent, extent),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    isChannelsFirst: fc.boolean(),
  })
  .chain(({ batch, side, inChannels, outChannels, kernel, stride, pad, isChannelsFirst }) => {
    const x = operandOf([batch, side[0], side[1], inChannels], SMALL);
    return fc.record({
      x: isChannelsFirst ? x.map((operand) => ({ ...operand, order: CHANNELS_FIRST })) : x,
      filter: operandOf([...kernel, inChannels, outChannels], SMALL),
      stride: fc.constant(stride),
      pad: fc.constant(pad),
    });
  });

describe('gradients of filters with many input channels', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('are what tfjs computes, of whatever images, window and stride', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, stride, pad }) => {
        await expectSameAsEager([x, filter], (images, weights) => {
          const convolve = (values: tf.Tensor): tf.Tensor =>
            tf.conv2d(images as tf.Tensor4D, values as tf.Tensor4D, stride, pad);
          // Weighed by the weights' own outputs, so that a displaced element shows.
          return tf.grad(convolve)(
            weights,
            tf.tidy(() => convolve(weights)),
          );
        });
      }),
      { numRuns: 25 },
    );
  });

  it('copy nothing that a window sees', async () => {
    const target = await cpuRuntimeTarget();
    const model = compileToOnnx(
      {
        name: 'gradient',
        inputs: [
          { name: 'x', shape: [2, 14, 14, 32], dtype: 'float32' },
          { name: 'filter', shape: [3, 3, 32, 32], dtype: 'float32' },
        ],
        outputs: ['dfilter'],
        run: (x, filter) => [
          tf.grad((weights) => tf.conv2d(x as tf.Tensor4D, weights as tf.Tensor4D, 2, 'same'))(filter),
        ],
      },
      target,
    );
    expect(Buffer.from(model).toString('latin1')).not.toContain('Slice');
  });
});
