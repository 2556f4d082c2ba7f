import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss, type FaceLossCase } from '../../../../test/support/face-loss-cases.js';
import { describeFaceLoss } from '../../../../test/support/face-loss-contract.js';
import {
  clip,
  cosineLoss,
  type Float64Reference,
  mean,
  real,
} from '../../../../test/support/float64-losses.js';
import type { HyperparameterValues } from '../hyperparameter.js';
import { adaFace } from './ada-face.js';

describe('adaFace', () => {
  // z = (3, 4) and W's columns (2, 0) and (0, 5): cos θ = (0.6, 0.8).
  const operands = {
    embeddings: [[3, 4]],
    weight: [
      [2, 0],
      [0, 5],
    ],
    labels: [0],
  };

  it('takes m off the cosine of a face of average quality, as CosFace does', () => {
    // z = 0 where ‖z‖ = μ = 5: logits 2 (0.6 - 0.4, 0.8): log(1 + e^1.2) = 1.4632825.
    const loss = adaFace({ scale: 2, statisticsRate: 0 });
    const average = { ...operands, state: { meanNorm: 5, normDeviation: 1 } };
    expect(evaluateFaceLoss(loss, average).loss).toBeCloseTo(1.4632825, 6);
  });

  it('lessens the angle and takes off more for a better face', () => {
    // z = 0.25 (5 - 3) / (0.999 + 0.001) = 0.5, m z = 0.2: cos(θ_0 - 0.2) = 0.6 cos 0.2 + 0.8 sin 0.2 = 0.7469754,
    // less 0.4 + 0.2: 0.1469754; logits 2 (0.1469754, 0.8): log(1 + e^1.3060492) = 1.5457652.
    const loss = adaFace({ scale: 2, concentration: 0.25, statisticsRate: 0 });
    const better = { ...operands, state: { meanNorm: 3, normDeviation: 0.999 } };
    expect(evaluateFaceLoss(loss, better).loss).toBeCloseTo(1.5457652, 5);
  });

  it('is ArcFace for the poorest: z = -1', () => {
    // cos(θ_0 + 0.4) - (0.4 - 0.4) = 0.6 · 0.9210610 - 0.8 · 0.3894183 = 0.2411019;
    // logits 2 (0.2411019, 0.8): log(1 + e^1.1177961) = 1.4007166.
    const poorest = { ...operands, state: { meanNorm: 90, normDeviation: 0.999 } };
    const { loss } = evaluateFaceLoss(adaFace({ scale: 2, statisticsRate: 0 }), poorest);
    expect(loss).toBeCloseTo(1.4007166, 5);
  });

  it('holds the shifted angle to 0.001 and π - 0.001, with no gradient beyond', () => {
    // The other class is at a right angle: cos θ_1 = 0. Norm 1.
    const spatial = {
      weight: [
        [1, 0],
        [0, 0],
        [0, 1],
      ],
      labels: [0],
    };
    const loss = adaFace({ scale: 2, statisticsRate: 0 });
    // z = 1 and θ_0 = 0.2: 0.2 - 0.4 is held to 0.001: 0.9999995 - 0.8 = 0.1999995; log(1 + e^-0.399999) = 0.5130157.
    const best = { ...spatial, state: { meanNorm: -9, normDeviation: 0.999 } };
    const near = evaluateFaceLoss(loss, { ...best, embeddings: [[Math.cos(0.2), Math.sin(0.2), 0]] });
    expect(near.loss).toBeCloseTo(0.5130157, 6);
    // z = -1 and θ_0 = 3: 3 + 0.4 is held to π - 0.001: -0.9999995; log(1 + e^1.999999) = 2.1269271.
    const poorest = { ...spatial, state: { meanNorm: 9, normDeviation: 0.999 } };
    const far = evaluateFaceLoss(loss, { ...poorest, embeddings: [[Math.cos(3), Math.sin(3), 0]] });
    expect(far.loss).toBeCloseTo(2.1269271, 6);
    // Only the third axis, that of the other class, moves the loss.
    for (const { embeddingGradient } of [near, far]) {
      expect(Math.abs(embeddingGradient[0]![0]!)).toBeLessThan(1e-6);
      expect(Math.abs(embeddingGradient[0]![1]!)).toBeLessThan(1e-6);
      expect(embeddingGradient[0]![2]).toBeGreaterThan(0.5);
    }
  });

  it('moves its statistics by the share of a batch, without padding', () => {
    // Norms 5 and 10: mean 7.5, deviation √(2 · 2.5² / 1) = 3.5355339. Half way from 20 and from 100.
    const batch = {
      ...operands,
      embeddings: [
        [3, 4],
        [6, 8],
        [50, 50],
      ],
      labels: [0, 0, 0],
      sampleMask: [1, 1, 0],
    };
    const { state } = evaluateFaceLoss(adaFace({ statisticsRate: 0.5 }), batch);
    expect(state['meanNorm']).toBeCloseTo(13.75, 6);
    expect(state['normDeviation']).toBeCloseTo(51.767767, 5);
  });

  it('holds norms to 0.001 and 100 in the statistics', () => {
    const batch = {
      ...operands,
      embeddings: [
        [0, 0],
        [3e5, 4e5],
      ],
      labels: [0, 0],
    };
    const { state } = evaluateFaceLoss(adaFace({ statisticsRate: 1 }), batch);
    expect(state['meanNorm']).toBeCloseTo(50.0005, 4);
  });

  it('leaves the deviation as it was for one sample, and both for none', () => {
    const one = evaluateFaceLoss(adaFace({ statisticsRate: 0.5 }), operands);
    expect(one.state).toEqual({ meanNorm: 12.5, normDeviation: 100 });
    const none = evaluateFaceLoss(adaFace({ statisticsRate: 0.5 }), { ...operands, sampleMask: [0] });
    expect(none.state).toEqual({ meanNorm: 20, normDeviation: 100 });
  });

  it('refuses options outside their ranges', () => {
    expect(() => adaFace({ margin: 2 })).toThrow(RangeError);
    expect(() => adaFace({ concentration: 0 })).toThrow(RangeError);
    expect(() => adaFace({ statisticsRate: 1.1 })).toThrow(RangeError);
  });
});

const inDoubles: Float64Reference = (operands, hyperparameters) => {
  const { scale, margin } = hyperparameters;
  const z = qualities(operands, hyperparameters);
  return cosineLoss(operands, scale!, (cosine, row) => {
    const angle = Math.acos(clip(cosine, -0.999, 0.999)) - margin! * z[row]!;
    return Math.cos(clip(angle, 1e-3, Math.PI - 1e-3)) - (margin! + margin! * z[row]!);
  });
};

function qualities(operands: FaceLossCase, hyperparameters: HyperparameterValues): number[] {
  const { statisticsRate: rate, concentration } = hyperparameters;
  const { meanNorm, normDeviation } = operands.state!;
  const norms = operands.embeddings.map((embedding) => clip(Math.hypot(...embedding), 1e-3, 100));
  const counted = real(operands, norms);
  const mu = meanNorm! + rate! * (mean(counted) - meanNorm!);
  const squares = counted.reduce((total, norm) => total + (norm - mean(counted)) ** 2, 0);
  const deviation = counted.length < 2 ? normDeviation! : Math.sqrt(squares / (counted.length - 1));
  const sigma = normDeviation! + rate! * (deviation - normDeviation!);
  return norms.map((norm) => clip((concentration! * (norm - mu)) / (sigma + 1e-3), -1, 1));
}

describeFaceLoss(adaFace, inDoubles, [
  {},
  { hyperparameters: { statisticsRate: 0.5 }, state: { meanNorm: 2, normDeviation: 0.2 } },
  { hyperparameters: { statisticsRate: 0.5, concentration: 2 } },
]);
