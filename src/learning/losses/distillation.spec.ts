import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { centralDifferences, type Rows } from '../../../test/support/float64-losses.js';
import { distillationLoss } from './distillation.js';

const rows = (values: Rows): tf.Tensor2D => tf.tensor2d(values.map((row) => [...row]));

function evaluate(embeddings: Rows, targets: Rows, mask: readonly number[]) {
  const { value, grads } = tf.valueAndGrads((x) =>
    distillationLoss(x as tf.Tensor2D, rows(targets), tf.tensor1d([...mask])),
  )([rows(embeddings)]);
  return { loss: value.dataSync()[0]!, gradient: grads[0]!.arraySync() as number[][] };
}

/** The term in 64 bits. */
function reference(embeddings: Rows, targets: Rows, mask: readonly number[]): number {
  const losses = embeddings.map((row, index) => {
    const product = row.reduce((sum, value, at) => sum + value * targets[index]![at]!, 0);
    return mask[index]! * (1 - product / Math.hypot(...row));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / mask.reduce((sum, one) => sum + one, 0);
}

describe('distillationLoss', () => {
  const embeddings: Rows = [
    [3, 4],
    [0, 2],
    [7, -1],
    [-5, 0],
  ];
  const targets: Rows = [
    [1, 0],
    [0.6, 0.8],
    [0, 0],
    [1, 0],
  ];

  it('is the mean of 1 - cos over the samples that have a target', () => {
    // Cosines 0.6, 0.8 and -1; the third sample has no target.
    expect(evaluate(embeddings, targets, [1, 1, 0, 1]).loss).toBeCloseTo((0.4 + 0.2 + 2) / 3, 6);
    expect(evaluate(embeddings, targets, [1, 0, 0, 0]).loss).toBeCloseTo(0.4, 6);
  });

  it('does not move samples without a target', () => {
    const { gradient } = evaluate(embeddings, targets, [0, 1, 0, 0]);
    for (const sample of [0, 2, 3]) expect(gradient[sample]!.map(Math.abs)).toEqual([0, 0]);
    // (u cos - t) / n with u = (0, 1), cos = 0.8, n = 2.
    expect(gradient[1]![0]).toBeCloseTo(-0.3, 6);
    expect(gradient[1]![1]).toBeCloseTo(0, 6);
  });

  it('is 0, with gradient 0, where no sample has a target', () => {
    const { loss, gradient } = evaluate(embeddings, targets, [0, 0, 0, 0]);
    expect(loss).toBe(0);
    expect(Math.max(...gradient.flat().map(Math.abs))).toBe(0);
  });

  it('has the gradient that finite differences in 64 bits give', () => {
    const drawn = [[0.9, -1.3, 0.4], [-0.2, 1.1, 0.8], [1.7, 0.3, -0.6]]; // prettier-ignore
    const directions = [[0.48, 0.6, 0.64], [-0.8, 0, 0.6], [1, 0, 0]]; // prettier-ignore
    const mask = [1, 1, 0];
    const { loss, gradient } = evaluate(drawn, directions, mask);
    expect(loss).toBeCloseTo(reference(drawn, directions, mask), 6);
    const expected = centralDifferences((x) => reference(x, directions, mask), drawn).flat();
    gradient.flat().forEach((value, index) => {
      expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-6);
    });
  });
});
