import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { withGradient, withoutGradient } from './custom-gradients.js';

describe('withoutGradient', () => {
  it('lets no gradient through and keeps comparisons off its path', () => {
    // x · [x > 1] with the condition held fixed, and 3x² held fixed altogether.
    const gradient = tf.grad((x) =>
      tf.add(
        tf.mul(
          x,
          withoutGradient(() => tf.cast(tf.greater(x, 1), 'float32')),
        ),
        withoutGradient(() => tf.mul(3, tf.square(x))),
      ),
    )(tf.tensor1d([0, 2]));
    expect([...gradient.dataSync()]).toEqual([0, 1]);
  });

  it('leaves no tensor behind but its result', () => {
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    withoutGradient(() => tf.square(tf.add(x, 1))).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('withGradient', () => {
  it('uses the gradient given, with what was saved', () => {
    const gradient = tf.grad((x) =>
      withGradient(x, {
        forward: (operand, save) => {
          save([tf.mul(operand, 10)]);
          return tf.square(operand);
        },
        backward: (upstream, [saved]) => tf.mul(upstream, saved!),
      }),
    )(tf.tensor1d([1, 2]));
    expect([...gradient.dataSync()]).toEqual([10, 20]);
  });
});
