import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { averagePooling, maximumPooling, type PoolingWindow } from './window-pooling.js';

const two = (minimum: number, maximum: number): fc.Arbitrary<[number, number]> => {
  const number = fc.integer({ min: minimum, max: maximum });
  return fc.tuple(number, number);
};

/** Images of distinct numbers, and windows that fit them with less padding than the window has pixels. */
const cases = fc
  .record({ extents: two(4, 8), kernel: two(1, 3), strides: two(1, 3), before: two(0, 2), after: two(0, 2) })
  .map(({ extents, kernel, strides, before, after }) => {
    const padding = [0, 1].map((axis): [number, number] => {
      const most = kernel[axis]! - 1;
      return [Math.min(before[axis]!, most), Math.min(after[axis]!, most)];
    }) as [[number, number], [number, number]];
    const output = [0, 1].map(
      (axis) =>
        Math.floor(
          (extents[axis]! + padding[axis]![0] + padding[axis]![1] - kernel[axis]!) / strides[axis]!,
        ) + 1,
    ) as [number, number];
    return { extents, window: { kernel, strides, padding, output } satisfies PoolingWindow };
  });

function imageOf([height, width]: readonly [number, number]): tf.Tensor4D {
  const values = Array.from({ length: 2 * height * width * 3 }, (_, index) =>
    Math.sin(12.9898 * (index + 1)),
  );
  return tf.tensor4d(values, [2, height, width, 3]);
}

/** The output, and the gradient of its sum weighted by other numbers. */
function valueAndGradient(pool: (x: tf.Tensor4D) => tf.Tensor4D, x: tf.Tensor4D): number[] {
  return tf.tidy(() => {
    const y = pool(x);
    const weights = tf.reshape(tf.cos(tf.range(0, y.size)), y.shape);
    const gradient = tf.grad((image) => tf.sum(tf.mul(pool(image as tf.Tensor4D), weights)))(x);
    return [...y.dataSync(), ...gradient.dataSync()];
  });
}

function expectSame(
  pool: (x: tf.Tensor4D) => tf.Tensor4D,
  reference: (x: tf.Tensor4D) => tf.Tensor4D,
  extents: readonly [number, number],
): void {
  const x = imageOf(extents);
  const [actual, expected] = [valueAndGradient(pool, x), valueAndGradient(reference, x)];
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 5);
  });
  x.dispose();
}

const explicit = ({ padding: [rows, columns] }: PoolingWindow): Parameters<typeof tf.maxPool>[3] => [
  [0, 0],
  [...rows],
  [...columns],
  [0, 0],
];

describe('pooling with gradients that compile', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('has the values and gradients of tfjs for the largest number', () => {
    fc.assert(
      fc.property(cases, ({ extents, window }) => {
        const reference = (x: tf.Tensor4D): tf.Tensor4D =>
          tf.maxPool(x, [...window.kernel], [...window.strides], explicit(window));
        expectSame((x) => maximumPooling(x, window), reference, extents);
      }),
      { numRuns: 60 },
    );
  });

  it('has the values and gradients of tfjs for averages over padded images', () => {
    fc.assert(
      fc.property(cases, ({ extents, window }) => {
        const reference = (x: tf.Tensor4D): tf.Tensor4D =>
          tf.avgPool(
            tf.pad(x, explicit(window) as [number, number][]),
            [...window.kernel],
            [...window.strides],
            'valid',
          );
        expectSame((x) => averagePooling(x, window, true), reference, extents);
      }),
      { numRuns: 60 },
    );
  });

  it('averages over the pixels inside the image alone: the padded sums over the padded counts', () => {
    fc.assert(
      fc.property(cases, ({ extents, window }) => {
        const padded = (x: tf.Tensor4D): tf.Tensor4D =>
          tf.avgPool(
            tf.pad(x, explicit(window) as [number, number][]),
            [...window.kernel],
            [...window.strides],
            'valid',
          );
        const reference = (x: tf.Tensor4D): tf.Tensor4D => tf.div(padded(x), padded(tf.onesLike(x)));
        expectSame((x) => averagePooling(x, window, false), reference, extents);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the gradient to the first of equal numbers', () => {
    const window: PoolingWindow = {
      kernel: [2, 2],
      strides: [2, 2],
      padding: [
        [0, 0],
        [0, 0],
      ],
      output: [1, 1],
    };
    const gradient = tf.grad((x) => tf.sum(maximumPooling(x as tf.Tensor4D, window)))(tf.zeros([1, 2, 2, 1]));
    expect([...gradient.dataSync()]).toEqual([1, 0, 0, 0]);
  });
});
