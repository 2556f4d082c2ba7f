import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss } from '../../../test/support/face-loss-cases.js';
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
