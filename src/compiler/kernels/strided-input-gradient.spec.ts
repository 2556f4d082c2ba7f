import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { anyPadding, expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';
import { cpuRuntimeTarget } from '../../learning/engines/runtime-target.js';
import { compileToOnnx } from '../index.js';

/** Rounding grows with the terms of a sum, and there are many channels here. */
const SMALL = { range: [-0.1, 0.1] } as const;

const channels = fc.constantFrom(16, 32);
const stride = fc.integer({ min: 1, max: 3 });
/** Strides divide them or do not. */
const side = fc.constantFrom(6, 7, 8, 12);

const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.tuple(side, side),
    inChannels: channels,
    outChannels: channels,
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(stride, stride),
    pads: anyPadding(1),
  })
  .chain(({ batch, size, inChannels, outChannels, kernel, strides, pads }) =>
    fc.record({
      x: operandOf([batch, ...size, inChannels], SMALL),
      dense: operandOf([...kernel, inChannels, outChannels], SMALL),
      depthwise: operandOf([...kernel, inChannels, 1], SMALL),
      strides: fc.constant(strides),
      pads: fc.constant(pads),
    }),
  );

/** dL/dx of the sum of the squares. */
function inputGradient(
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor,
): (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor {
  return (x, filter) =>
    tf.grad((images) => tf.sum(tf.square(convolve(images as tf.Tensor4D, filter as tf.Tensor4D))))(x);
}

describe('gradients of images that a window saw in strides', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('are what tfjs computes', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, dense, strides, pads }) => {
        await expectSameAsEager(
          [x, dense],
          inputGradient((images, weights) => tf.conv2d(images, weights, strides, pads)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are what tfjs computes where each channel has its own filter', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, depthwise, strides: [step], pads }) => {
        // tfjs knows no rectangular stride of these.
        await expectSameAsEager(
          [x, depthwise],
          inputGradient((images, weights) => tf.depthwiseConv2d(images, weights, step, pads)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are computed by phases where each has equally many pixels', async () => {
    const target = await cpuRuntimeTarget();
    const graphOf = (size: number): string => {
      const run = inputGradient((images, weights) => tf.conv2d(images, weights, 2, 'same'));
      const model = compileToOnnx(
        {
          name: 'convolution',
          inputs: [
            { name: 'x', shape: [2, size, size, 16], dtype: 'float32' },
            { name: 'filter', shape: [3, 3, 16, 16], dtype: 'float32' },
          ],
          outputs: ['dx'],
          run: (x, filter) => [run(x, filter)],
        },
        target,
      );
      return Buffer.from(model).toString('latin1');
    };
    expect(graphOf(8).includes('ConvTranspose')).toBe(target.channelBlock === undefined);
    expect(graphOf(7)).toContain('ConvTranspose');
  });
});
