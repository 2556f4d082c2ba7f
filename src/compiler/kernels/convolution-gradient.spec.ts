import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  anyImages,
  anyPadding,
  expectSameAsEager,
  operandOf,
} from '../../../test/compiler/eager-comparison.js';
import { groupedConvolution } from '../../learning/operations/grouped-convolution.js';
import { compileToOnnx, UnsupportedAttributeError } from '../index.js';

/** Small elements: a gradient is a sum of products of sums, and its rounding error grows with both. */
const SMALL = { range: [-0.5, 0.5] } as const;

const extent = fc.integer({ min: 1, max: 3 });
const convolutions = fc
  .record({
    images: anyImages(3),
    kernel: fc.tuple(extent, extent),
    outChannels: fc.integer({ min: 1, max: 4 }),
    strides: fc.tuple(extent, extent),
    pad: anyPadding(2),
  })
  .chain(({ images, kernel, outChannels, strides, pad }) =>
    fc.record({
      x: operandOf(images, SMALL),
      filter: operandOf([...kernel, images[3], outChannels], SMALL),
      strides: fc.constant(strides),
      pad: fc.constant(pad),
    }),
  );

const groupedConvolutions = fc
  .record({
    batch: extent,
    height: fc.integer({ min: 3, max: 8 }),
    width: fc.integer({ min: 3, max: 8 }),
    groups: extent,
    inChannels: extent,
    outChannels: extent,
    kernel: fc.tuple(extent, extent),
    stride: extent,
    padding: fc.integer({ min: 0, max: 1 }),
  })
  .chain(({ batch, height, width, groups, inChannels, outChannels, kernel, stride, padding }) =>
    fc.record({
      x: operandOf([batch, height, width, groups * inChannels], SMALL),
      filter: operandOf([...kernel, inChannels, groups * outChannels], SMALL),
      options: fc.constant({ groups, stride, padding }),
    }),
  );

/** The gradients of a convolution's output weighed by position, so that a displaced element shows. */
function gradients(
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
): (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor[] {
  const loss = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.sum(tf.square(convolve(x as tf.Tensor4D, filter as tf.Tensor4D)));
  return (x, filter) => tf.grads(loss)([x, filter]);
}

describe('convolution gradient kernels', () => {
  it('Conv2DBackpropInput and Conv2DBackpropFilter compute what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, strides, pad }) => {
        await expectSameAsEager(
          [x, filter],
          gradients((images, weights) => tf.conv2d(images, weights, strides, pad)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('DepthwiseConv2dNativeBackpropInput and ...Filter compute what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, strides, pad }) => {
        await expectSameAsEager(
          [x, filter],
          gradients((images, weights) => tf.depthwiseConv2d(images, weights, strides, pad)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('GroupedConv2D and its gradients compute what one convolution a group does', async () => {
    await fc.assert(
      fc.asyncProperty(groupedConvolutions, async ({ x, filter, options }) => {
        const convolve = (images: tf.Tensor4D, weights: tf.Tensor4D): tf.Tensor4D =>
          groupedConvolution(images, weights, options);
        await expectSameAsEager([x, filter], (images, weights) => [
          convolve(images as tf.Tensor4D, weights as tf.Tensor4D),
          ...gradients(convolve)(images, weights),
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('takes any batch size', () => {
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 4, 4], 0, 1, 'float32', 1);
    const model = compileToOnnx({
      name: 'gradient',
      inputs: [{ name: 'x', shape: [null, 5, 5, 4], dtype: 'float32' }],
      outputs: ['dx', 'dw'],
      run: (x) => gradients((images, weights) => tf.conv2d(images, weights, 2, 'same'))(x, filter),
    });
    expect(model.length).toBeGreaterThan(0);
  });

  it('refuses dilations, which tfjs leaves out of its depthwise gradients', () => {
    const filter = tf.ones<tf.Rank.R4>([2, 2, 1, 1]);
    const attributes = { strides: 1, pad: 'valid', dilations: 2, inputShape: [1, 5, 5, 1] };
    const compile = () =>
      compileToOnnx({
        name: 'dilated',
        inputs: [{ name: 'dy', shape: [1, 3, 3, 1], dtype: 'float32' }],
        outputs: ['dx'],
        run: (dy) => [
          tf.engine().runKernel('DepthwiseConv2dNativeBackpropInput', { dy: dy, filter }, attributes),
        ],
      });
    expect(compile).toThrow(UnsupportedAttributeError);
  });
});
