import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { softmax } from './face/softmax.js';
import { createFaceLoss } from './face-losses.js';
import { type SymFaceBatch, symFaceLoss, type SymFaceOptions } from './sym-face.js';

// One split face, (1, 2) and (1, 0), ρ = 0.5; one full face; one padding sample.
const batch: SymFaceBatch = {
  embeddings: tf.tensor2d([
    [1, 2],
    [1, 0],
    [1, 2],
    [9, 9],
  ]),
  weight: tf.tensor2d([
    [1, 0],
    [0, 1],
  ]),
  labels: tf.tensor1d([0, 0, 1, 0], 'int32'),
  sampleMask: tf.tensor1d([1, 1, 1, 0]),
  rho: tf.tensor1d([0.5]),
};

function evaluate(options?: SymFaceOptions, changed: Partial<SymFaceBatch> = {}) {
  const { loss, faceLoss, symmetryLoss } = symFaceLoss(softmax(), { ...batch, ...changed }, {}, options);
  return [loss, faceLoss, symmetryLoss].map((scalar) => scalar.dataSync()[0]!);
}

describe('symFaceLoss', () => {
  it('adds the symmetry term to the face loss over halves and full faces', () => {
    // L_f: log(1 + e) = 1.3132617 for the left half, log(1 + 1/e) = 0.3132617 for the right half (logits (1, 0)) and
    // for the full face (logits (1, 2), label 1): their mean is 0.6465950. L_ρ = 0.5 · 2² / (2 · 1) = 1.
    const [loss, faceLoss, symmetry] = evaluate();
    expect(faceLoss).toBeCloseTo(0.646595, 6);
    expect(symmetry).toBeCloseTo(1, 6);
    expect(loss).toBeCloseTo(1.646595, 6);
  });

  it('weighs the symmetry term', () => {
    expect(evaluate({ symmetryWeight: 0 })[0]).toBeCloseTo(0.646595, 6);
    expect(evaluate({ symmetryWeight: 3 })[0]).toBeCloseTo(3.646595, 6);
    expect(() => evaluate({ symmetryWeight: -1 })).toThrow(RangeError);
  });

  it('is the face loss alone where no face is split or there are no slots', () => {
    expect(evaluate({}, { rho: tf.tensor1d([0]) })).toEqual([evaluate()[1], evaluate()[1], 0]);
    expect(evaluate({}, { rho: tf.tensor1d([]) })).toEqual([evaluate()[1], evaluate()[1], 0]);
  });

  it('keeps halves out of AdaFace’s μ and σ where that is asked for', () => {
    // Norms of the halves √5 and 1, of the full face √5; padding counts nowhere. Half way from 20.
    const adaface = createFaceLoss('adaface', { statisticsRate: 0.5 });
    const previous = { meanNorm: tf.scalar(20), normDeviation: tf.scalar(100) };
    const meanNorm = (statistics: 'all' | 'full-faces') =>
      symFaceLoss(adaface, batch, previous, { statistics }).state['meanNorm']!.dataSync()[0]!;
    expect(meanNorm('all')).toBeCloseTo(10 + (2 * Math.sqrt(5) + 1) / 6, 5);
    expect(meanNorm('full-faces')).toBeCloseTo(10 + Math.sqrt(5) / 2, 5);
  });

  it('compares halves with the same faces whole, in the slots behind them', () => {
    // Halves (1, 2) and (1, 0), the face (1, 2): ½ (0 + 2 - 2/√5) ρ / 2 = 0.5527864 · 0.5 / 2.
    expect(evaluate({ compare: 'anchor' })[2]).toBeCloseTo(0.1381966, 6);
    expect(() => evaluate({ compare: 'anchor' }, { rho: tf.tensor1d([0.5, 0.5]) })).toThrow(RangeError);
  });

  it('refuses more slots than samples', () => {
    expect(() => evaluate({}, { rho: tf.tensor1d([0.5, 0.5, 0.5]) })).toThrow(
      '3 split faces need more than 4 samples',
    );
  });
});
