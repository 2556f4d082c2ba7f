import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  anyImages,
  anyPadding,
  expectSameAsEager,
  operandOf,
} from '../../../test/compiler/eager-comparison.js';
import { compileToOnnx, UnsupportedAttributeError } from '../index.js';

type Activation = NonNullable<Parameters<typeof tf.fused.conv2d>[0]['activation']>;

/** Stride and dilation, of which tfjs allows only one to differ from 1. */
const steps = fc.oneof(
  fc.tuple(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), fc.constant([1, 1])),
  fc.tuple(fc.constant([1, 1]), fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }))),
) as fc.Arbitrary<[[number, number], [number, number]]>;

/** Images with a kernel that fits them even when dilated, and what else a convolution takes. */
const convolutions = fc
  .record({
    images: anyImages(5),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    outChannels: fc.integer({ min: 1, max: 4 }),
    steps,
    pad: anyPadding(2),
  })
  .chain(({ images, kernel, outChannels, ...attributes }) =>
    fc.record({
      x: operandOf(images),
      filter: operandOf([...kernel, images[3], outChannels]),
      bias: operandOf([outChannels]),
      slopes: fc.oneof(operandOf([outChannels]), operandOf([1, 1, outChannels])),
      activation: fc.constantFrom<Activation>(
        ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const),
      ),
      attributes: fc.constant(attributes),
    }),
  );

describe('convolution kernels', () => {
  it('Conv2D computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, attributes: { steps, pad } }) => {
        const [strides, dilations] = steps;
        await expectSameAsEager([x, filter], (images, weights) =>
          tf.conv2d(images as tf.Tensor4D, weights as tf.Tensor4D, strides, pad, 'NHWC', dilations),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('Conv2D with padding by a number and any rounding computes what tfjs does', async () => {
    const squareConvolutions = fc
      .record({
        images: anyImages(5),
        size: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        pad: fc.integer({ min: 0, max: 2 }),
        rounding: fc.constantFrom('floor', 'round', 'ceil'),
      })
      .chain(({ images, size, ...rest }) =>
        fc.tuple(operandOf(images), operandOf([size, size, images[3], 2]), fc.constant(rest)),
      );
    await fc.assert(
      fc.asyncProperty(squareConvolutions, async ([x, filter, { stride, pad, rounding }]) => {
        await expectSameAsEager([x, filter], (images, weights) =>
          tf.conv2d(images as tf.Tensor4D, weights as tf.Tensor4D, stride, pad, 'NHWC', 1, rounding),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('FusedConv2D with a bias and any activation computes what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, bias, slopes, activation, attributes }) => {
        const [strides, dilations] = attributes.steps;
        await expectSameAsEager([x, filter, bias, slopes], (images, weights, offset, alpha) =>
          tf.fused.conv2d({
            x: images as tf.Tensor4D,
            filter: weights as tf.Tensor4D,
            strides,
            pad: attributes.pad,
            dilations,
            bias: offset,
            activation,
            preluActivationWeights: alpha,
            leakyreluAlpha: 0.3,
          }),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('DepthwiseConv2dNative and FusedDepthwiseConv2D compute what tfjs does', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, activation, attributes }) => {
        const [strides, dilations] = attributes.steps;
        const { pad } = attributes;
        const outChannels = x.shape[3]! * filter.shape[3]!;
        const bias = { ...filter, shape: [outChannels], order: [0] };
        await expectSameAsEager([x, filter, bias], (images, weights, offset) => {
          const input = images as tf.Tensor4D;
          const kernel = weights as tf.Tensor4D;
          return [
            tf.depthwiseConv2d(input, kernel, strides, pad, 'NHWC', dilations),
            tf.fused.depthwiseConv2d({
              x: input,
              filter: kernel,
              strides,
              // Explicit paddings work as well; only the typings leave them out.
              pad: pad as 'same',
              dilations,
              bias: offset,
              activation,
              preluActivationWeights: offset,
              leakyreluAlpha: 0.3,
            }),
          ];
        });
      }),
      { numRuns: 40 },
    );
  });

  it('rejects padding by a number for windows that are not square, which tfjs miscounts', () => {
    const compile = () =>
      compileToOnnx({
        name: 'miscounted',
        inputs: [{ name: 'x', shape: [1, 5, 5, 1], dtype: 'float32' }],
        outputs: ['y'],
        run: (x) => [tf.conv2d(x as tf.Tensor4D, tf.ones<tf.Rank.R4>([2, 1, 1, 1]), 1, 0)],
      });
    expect(compile).toThrow(UnsupportedAttributeError);
  });

  it('names the attribute when the data format is not supported', () => {
    const filter = tf.ones<tf.Rank.R4>([1, 1, 2, 2]);
    const compile = () =>
      compileToOnnx({
        name: 'nchw',
        inputs: [{ name: 'x', shape: [1, 2, 4, 4], dtype: 'float32' }],
        outputs: ['y'],
        run: (x) => [tf.conv2d(x as tf.Tensor4D, filter, 1, 'same', 'NCHW')],
      });
    expect(compile).toThrow(UnsupportedAttributeError);
    expect(compile).toThrow('the tfjs kernel Conv2D is not supported with dataFormat = "NCHW"');
  });
});
