import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { gatherPositions } from './gather-positions.js';

describe('gatherPositions', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('adds up what each position is taken for, as the gradient of tfjs does', () => {
    const gathered = fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
      .chain((shape) => fc.record({ shape: fc.constant(shape), axis: fc.nat({ max: shape.length - 1 }) }))
      .chain(({ shape, axis }) =>
        fc.record({
          shape: fc.constant(shape),
          axis: fc.constant(axis),
          positions: fc.array(fc.nat({ max: shape[axis]! - 1 }), { minLength: 1, maxLength: 5 }),
        }),
      );
    fc.assert(
      fc.property(gathered, ({ shape, axis, positions }) => {
        tf.tidy(() => {
          const x = tf.reshape(tf.sin(tf.range(0, tf.util.sizeFromShape(shape))), shape);
          const gradientOf = (gather: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
            tf.grad((values: tf.Tensor) => tf.sum(tf.square(gather(values))))(x);
          const expected = gradientOf((values) => tf.gather(values, positions, axis)).dataSync();
          const actual = gradientOf((values) => gatherPositions(values, positions, axis)).dataSync();
          actual.forEach((value, index) => {
            expect(value).toBeCloseTo(expected[index]!, 5);
          });
        });
      }),
      { numRuns: 60 },
    );
  });
});
