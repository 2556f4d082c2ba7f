import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  classesOf,
  dot,
  type Float64Reference,
  meanCrossEntropy,
} from '../../../../test/support/float64-losses.js';
import { softmax } from './softmax.js';

describe('softmax', () => {
  // Logits W_j z = (1, 2) for z = (1, 2) and W the identity.
  const operands = {
    embeddings: [[1, 2]],
    weight: [
      [1, 0],
      [0, 1],
    ],
    labels: [0],
  };

  it('is -log of the share of the own class', () => {
    // -log(e / (e + e²)) = log(1 + e)
    expect(evaluateFaceLoss(softmax(), operands).loss).toBeCloseTo(1.3132617, 6);
  });

  it('has the gradient p - 1 for the own class and p for others', () => {
    // p = (0.2689414, 0.7310586), so the logits' gradient is (-0.7310586, 0.7310586).
    const { embeddingGradient, weightGradient } = evaluateFaceLoss(softmax(), operands);
    expect(embeddingGradient[0]![0]).toBeCloseTo(-0.7310586, 6);
    expect(embeddingGradient[0]![1]).toBeCloseTo(0.7310586, 6);
    // Of W, the outer product of z = (1, 2) and that.
    expect(weightGradient.flat().map((value) => value.toFixed(5))).toEqual([
      '-0.73106',
      '0.73106',
      '-1.46212',
      '1.46212',
    ]);
  });

  it('averages over the samples that are not padding', () => {
    // log(1 + e) and, for the second sample's class 1, log(1 + e) - 1; their mean is 0.8132617.
    const two = {
      ...operands,
      embeddings: [
        [1, 2],
        [1, 2],
      ],
      labels: [0, 1],
    };
    expect(evaluateFaceLoss(softmax(), two).loss).toBeCloseTo(0.8132617, 6);
    const padded = {
      ...two,
      embeddings: [...two.embeddings, [9, 9]],
      labels: [0, 1, 0],
      sampleMask: [1, 1, 0],
    };
    const { loss, embeddingGradient } = evaluateFaceLoss(softmax(), padded);
    expect(loss).toBeCloseTo(0.8132617, 6);
    expect(embeddingGradient[2]).toEqual([0, 0]);
  });
});

const inDoubles: Float64Reference = (operands) => (embeddings, weight) =>
  meanCrossEntropy(operands, (row) => classesOf(weight, (column) => dot(embeddings[row]!, column)));

describeFaceLoss(softmax, inDoubles, [{}]);
