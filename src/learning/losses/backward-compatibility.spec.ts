import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { batchOf, type FaceLossCase, stateOf } from '../../../test/support/face-loss-cases.js';
import { centralDifferences, float64Loss, type Rows } from '../../../test/support/float64-face-losses.js';
import { backwardCompatibilityLoss } from './backward-compatibility.js';
import type { FaceLoss } from './face-loss.js';
import { createFaceLoss, FACE_LOSSES, type FaceLossName } from './face-losses.js';

const rows = (values: Rows): tf.Tensor2D => tf.tensor2d(values.map((row) => [...row]));

/** The loss against a parent's classes, and its gradients by the embeddings and by the own class weights. */
function evaluate(faceLoss: FaceLoss, operands: FaceLossCase, parentClasses: Rows) {
  const batch = batchOf(operands);
  const state = stateOf(operands.state ?? faceLoss.initialState);
  const { value, grads } = tf.valueAndGrads((x) =>
    backwardCompatibilityLoss(
      faceLoss,
      batch(x as tf.Tensor2D, rows(operands.weight)),
      rows(parentClasses),
      state,
    ),
  )([rows(operands.embeddings)]);
  return { loss: value.dataSync()[0]!, gradient: grads[0]!.arraySync() as number[][] };
}

describe('backwardCompatibilityLoss', () => {
  const operands: FaceLossCase = {
    embeddings: [
      [1, 2],
      [1, 0],
      [9, 9],
    ],
    weight: [
      [7, -3],
      [5, 8],
    ],
    labels: [0, 0, 1],
    sampleMask: [1, 1, 0],
  };
  const parentClasses = [
    [1, 0],
    [0, 1],
  ];

  it('is the face loss against the classes of the parent, padding left out', () => {
    // Softmax; logits (1, 2) and (1, 0), both of class 0: the mean of log(1 + e) and log(1 + 1/e).
    const { loss, gradient } = evaluate(createFaceLoss('softmax'), operands, parentClasses);
    expect(loss).toBeCloseTo((1.3132617 + 0.3132617) / 2, 6);
    // (p - y) / 2 with p_0 = 1 / (1 + e) for the first sample and e / (1 + e) for the second.
    const expected = [
      [-0.7310586 / 2, 0.7310586 / 2],
      [-0.2689414 / 2, 0.2689414 / 2],
      [0, 0],
    ];
    gradient.flat().forEach((value, index) => {
      expect(value).toBeCloseTo(expected.flat()[index]!, 6);
    });
  });

  it('does not look at the own class weights', () => {
    const faceLoss = createFaceLoss('arcface');
    const other = { ...operands, weight: [[-1, 4], [2, 2]] }; // prettier-ignore
    expect(evaluate(faceLoss, other, parentClasses)).toEqual(evaluate(faceLoss, operands, parentClasses));
  });

  const states: readonly [FaceLossName, Record<string, number>][] = [
    ['arcface', {}],
    ['cosface', {}],
    ['adaface', { meanNorm: 2, normDeviation: 0.5 }],
  ];
  it.each(states)('%s: its gradient is as finite differences in 64 bits give it', (name, state) => {
    const drawn: FaceLossCase = {
      embeddings: [[0.9, -1.3, 0.4], [-0.2, 1.1, 0.8], [1.7, 0.3, -0.6]], // prettier-ignore
      weight: [[1, 1], [1, 1], [1, 1]], // prettier-ignore
      labels: [1, 0, 1],
      state,
    };
    const parent = [[0.8, -0.5], [0.3, 0.9], [-0.4, 0.6]]; // prettier-ignore
    const reference = float64Loss(name, FACE_LOSSES[name].defaults, { ...drawn, weight: parent });
    const expected = centralDifferences((x) => reference(x, parent), drawn.embeddings).flat();
    const { loss, gradient } = evaluate(createFaceLoss(name), drawn, parent);
    expect(Math.abs(loss - reference(drawn.embeddings, parent))).toBeLessThan(2e-5 * loss);
    const largest = Math.max(...expected.map(Math.abs));
    gradient.flat().forEach((value, index) => {
      expect(Math.abs(value - expected[index]!)).toBeLessThan(2e-5 * largest);
    });
  });
});
