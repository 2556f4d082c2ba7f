import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { expectSameAsEager, operandOf } from '../../../test/compiler/eager-comparison.js';
import { cpuRuntimeTarget } from '../../learning/engines/runtime-target.js';
import { compileToOnnx, type CompilationTarget } from '../index.js';

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

/** Rounding grows with the terms of a sum, and there are many channels here. */
const SMALL = { range: [-0.1, 0.1] } as const;

const extent = fc.integer({ min: 1, max: 3 });
const channels = fc.constantFrom(8, 16, 32);
const side = fc.integer({ min: 4, max: 11 });

const convolutions = fc
  .record({
    batch: extent,
    height: side,
    width: side,
    inChannels: channels,
    outChannels: channels,
    kernel: fc.tuple(extent, extent),
    stride: fc.tuple(extent, extent),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .chain(({ batch, height, width, inChannels, outChannels, kernel, stride, pad }) =>
    fc.record({
      x: operandOf([batch, height, width, inChannels], SMALL),
      dense: operandOf([...kernel, inChannels, outChannels], SMALL),
      depthwise: operandOf([...kernel, inChannels, 1], SMALL),
      stride: fc.constant(stride),
      pad: fc.constant(pad),
    }),
  );

/** The output and the gradients of the sum of its squares. */
function outputAndGradients(convolve: Convolve): (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor[] {
  return (x, filter) => {
    const loss = (images: tf.Tensor, weights: tf.Tensor): tf.Tensor =>
      tf.sum(tf.square(convolve(images as tf.Tensor4D, weights as tf.Tensor4D)));
    return [convolve(x as tf.Tensor4D, filter as tf.Tensor4D), ...tf.grads(loss)([x, filter])];
  };
}

describe('convolutions in blocks of channels', () => {
  let target: CompilationTarget;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    target = await cpuRuntimeTarget();
  });

  it('compute what tfjs does, and so do their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, dense, stride, pad }) => {
        await expectSameAsEager(
          [x, dense],
          outputAndGradients((images, weights) => tf.conv2d(images, weights, stride, pad)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('compute what tfjs does where each channel has its own filter', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, depthwise, stride, pad }) => {
        // tfjs knows no rectangular stride of these.
        const step = stride[0];
        await expectSameAsEager(
          [x, depthwise],
          outputAndGradients((images, weights) => tf.depthwiseConv2d(images, weights, step, pad)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('are chosen where the processor has them, and only with a batch of known size', () => {
    const graphOf = (batch: number | null): string => {
      const run = outputAndGradients((images, weights) => tf.conv2d(images, weights, 1, 'same'));
      const model = compileToOnnx(
        {
          name: 'convolution',
          inputs: [
            { name: 'x', shape: [batch, 24, 24, 16], dtype: 'float32' },
            { name: 'filter', shape: [3, 3, 16, 16], dtype: 'float32' },
          ],
          outputs: ['y', 'dx', 'dfilter'],
          run: (x, filter) => run(x, filter),
        },
        target,
      );
      return Buffer.from(model).toString('latin1');
    };
    expect(graphOf(2)).toContain('FusedMatMul');
    expect(graphOf(2).includes('com.microsoft.nchwc')).toBe(target.channelBlock !== undefined);
    expect(graphOf(null)).not.toContain('com.microsoft');
  });
});
