import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { scalarsOf } from '../../../test/support/compiled-face-loss.js';
import { batchOf, evaluateFaceLoss, stateOf } from '../../../test/support/face-loss-cases.js';
import { at, EDGE_CASES, edgeWeight as weight, one } from '../../../test/support/face-loss-edge-cases.js';
import { createFaceLoss, FACE_LOSS_NAMES, faceLossNamed } from './face-losses.js';

function numbersOf(evaluation: ReturnType<typeof evaluateFaceLoss>): number[] {
  const { loss, embeddingGradient, weightGradient, scalarGradients, state } = evaluation;
  const gradients = [embeddingGradient.flat(), weightGradient.flat(), Object.values(scalarGradients)];
  return [loss, ...gradients.flat(), ...Object.values(state)];
}

describe.each(FACE_LOSS_NAMES)('%s', (name) => {
  const faceLoss = createFaceLoss(name);

  it.each(EDGE_CASES)('has a finite value, gradient and state for %s', (_, operands) => {
    const numbers = numbersOf(evaluateFaceLoss(faceLoss, operands));
    expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
  });

  it('is 0, gradient and all, for padding only, and keeps its statistics of samples', () => {
    const padding = evaluateFaceLoss(faceLoss, one(at(1, 5), { sampleMask: [0] }));
    // SphereFace counts steps, not samples.
    const counted = 'steps' in padding.state ? { steps: 1 } : {};
    expect(padding.state).toEqual({ ...faceLoss.initialState, ...counted });
    expect(numbersOf({ ...padding, state: {} }).filter((number) => Math.abs(number) !== 0)).toEqual([]);
  });

  it('is what it is without the padding', () => {
    const samples = { embeddings: [at(1, 5), at(2, 3)], weight, labels: [0, 1] };
    const padded = {
      weight,
      embeddings: [at(1, 5), [0, 0], at(2, 3), [9, 9]],
      labels: [0, 0, 1, 1],
      sampleMask: [1, 0, 1, 0],
    };
    const expected = evaluateFaceLoss(faceLoss, samples);
    const actual = evaluateFaceLoss(faceLoss, padded);
    expect(actual.loss).toBe(expected.loss);
    expect(actual.state).toEqual(expected.state);
    expect(actual.weightGradient).toEqual(expected.weightGradient);
    expect([actual.embeddingGradient[0], actual.embeddingGradient[2]]).toEqual(expected.embeddingGradient);
  });

  it('falls as the embedding turns towards its class', () => {
    // The other class is at a right angle to all of them; a small scale keeps the loss from rounding to 0.
    const gentle = createFaceLoss(
      name,
      'scale' in faceLossNamed(name).description.hyperparameters ? { scale: 4 } : {},
    );
    const spatial = {
      weight: [
        [2, 0],
        [0, 0],
        [0, 3],
      ],
    };
    const losses = [3.1, 2.8, 2.4, 1.8, 1.2, 0.6, 0.3].map(
      (angle) => evaluateFaceLoss(gentle, one([...at(angle, 1), 0], spatial)).loss,
    );
    losses.slice(1).forEach((loss, index) => {
      expect(loss).toBeLessThan(losses[index]!);
    });
  });

  it('leaves no tensor behind but the loss and the state', () => {
    const operands = one(at(1, 5));
    const scalars = scalarsOf(faceLoss, 0);
    const batch = batchOf(operands)(tf.tensor2d([at(1, 5)]), tf.tensor2d(weight), scalars);
    const state = stateOf(faceLoss.initialState);
    const before = tf.memory().numTensors;
    const result = faceLoss.compute(batch, state);
    const made =
      1 + Object.values(result.state).filter((scalar) => !Object.values(state).includes(scalar)).length;
    expect(tf.memory().numTensors).toBe(before + made);
  });
});

describe('createFaceLoss', () => {
  it('refuses a hyperparameter that the loss does not have', () => {
    expect(() => createFaceLoss('cosface', { marginRadians: 0.5 })).toThrow(
      'cosface has no hyperparameter marginRadians',
    );
  });
});
