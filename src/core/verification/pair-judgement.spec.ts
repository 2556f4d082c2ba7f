import { describe, expect, it } from 'vitest';
import { beyondCalibration, expectedOf, judgePair, judgeTemplate, marginOf } from './pair-judgement.js';
import { resolveThreshold } from './threshold.js';

const calibration = {
  modelVersion: 'net-1',
  benchmarkRunId: 'e1',
  datasetId: 'lfw',
  description: 'lfw',
  thresholds: [
    {
      falseMatchRate: 1e-1,
      similarityThreshold: 0.3,
      bands: [
        { upTo: 0.5, similarityThreshold: 0.2, impostorPairCount: 1000 },
        { upTo: 0.75, similarityThreshold: 0.6, impostorPairCount: 1000 },
      ],
    },
    {
      falseMatchRate: 1e-3,
      similarityThreshold: 0.4,
      bands: [
        { upTo: 0.5, similarityThreshold: 0.3, impostorPairCount: 1000 },
        { upTo: 0.75, similarityThreshold: 0.8, impostorPairCount: 1000 },
      ],
    },
  ],
  logistic: { slope: 2, offset: 0.25 },
  impostorPairCount: 2000,
  createTime: new Date(0),
};
const sources = { calibration, recordedCalibration: undefined, recordedThreshold: undefined };
const nothing = { similarityThreshold: undefined, falseMatchRate: undefined };
const rule = resolveThreshold(nothing, sources, 1e-3);

describe('judgePair', () => {
  it('matches a pair by the threshold of its band, and moves its probability by it', () => {
    const easy = judgePair(rule, { similarity: 0.35, expected: 0.25 });
    expect(easy).toMatchObject({ matched: true, threshold: { similarity: 0.3 } });
    // 0.05 above the threshold, which is 0.1 above the loosest: 2 * 0.5 + 0.25.
    expect(easy?.matchProbability).toBeCloseTo(1 / (1 + Math.exp(-1.25)), 12);
    const hard = judgePair(rule, { similarity: 0.35, expected: 0.75 });
    expect(hard).toMatchObject({ matched: false, threshold: { similarity: 0.8 } });
    // 0.45 below it, which is 0.2 above the loosest: 2 * -2.25 + 0.25.
    expect(hard?.matchProbability).toBeCloseTo(1 / (1 + Math.exp(4.25)), 12);
    expect(marginOf(hard!)).toBeCloseTo(-0.45, 12);
  });

  it('judges no pair that is harder than all that is known', () => {
    expect(judgePair(rule, { similarity: 0.99, expected: 0.76 })).toBeUndefined();
  });

  it('judges faces of unknown looks by all pairs, without a probability', () => {
    const unknown = judgePair(rule, { similarity: 0.41, expected: undefined });
    expect(unknown).toMatchObject({ matched: true, threshold: { similarity: 0.4 } });
    expect(unknown?.matchProbability).toBeUndefined();
  });

  it("judges any pair by the request's threshold", () => {
    const requested = resolveThreshold({ ...nothing, similarityThreshold: 0.5 }, sources, 1e-3);
    const judged = judgePair(requested, { similarity: 0.6, expected: 0.9 });
    expect(judged).toMatchObject({ matched: true, threshold: { similarity: 0.5 } });
    expect(judged?.matchProbability).toBeUndefined();
  });
});

describe('judgeTemplate', () => {
  const embedding = Float32Array.of(0, 1);

  it('sets the similarity to all faces that a threshold is known for against the mean of their thresholds', () => {
    const judged = judgeTemplate(rule, [
      { similarity: 0.5, expected: 0.25, embedding },
      { similarity: 0.7, expected: 0.75, embedding },
      { similarity: 0.99, expected: 0.9, embedding: Float32Array.of(1, 0) },
    ]);
    expect(judged?.similarity).toBeCloseTo(0.6, 6);
    expect(judged?.threshold.similarity).toBeCloseTo(0.55, 12);
    expect(judged?.threshold.expectedImpostorSimilarity).toBeCloseTo(0.5, 12);
    expect(judged?.matched).toBe(true);
    // 0.3 above and 0.2 below: 3 and -1 spreads, in the mean 1.
    expect(judged?.matchProbability).toBeCloseTo(1 / (1 + Math.exp(-2.25)), 5);
    expect(judgeTemplate(rule, [{ similarity: 0.99, expected: 0.9, embedding }])).toBeUndefined();
  });

  it('makes up for what different photographs fall short of', () => {
    const faces = [embedding, Float32Array.of(1, 0)];
    const judged = judgeTemplate(
      rule,
      faces.map((face) => ({ similarity: 0.5, expected: 0.25, embedding: face })),
    );
    // The mean of both has a length of 0.5 ** 0.5.
    expect(judged?.similarity).toBeCloseTo(0.5 / 0.5 ** 0.375, 6);
  });
});

describe('beyondCalibration', () => {
  const sharp = { appearance: [0.4, 0.1], field: 'image_a', name: 'image_a' };
  const mush = { appearance: [0.9, 0.6], field: 'image_b', name: 'image_b' };

  it('names the worse face, whichever it is, and what to do', () => {
    for (const failure of [beyondCalibration(sharp, mush), beyondCalibration(mush, sharp)]) {
      expect(failure).toMatchObject({ reason: 'THRESHOLD_NOT_CALIBRATED', metadata: { field: 'image_b' } });
      expect(failure.message).toMatch(
        /face of image_b is the worse one: take a better photograph .*similarity_threshold/u,
      );
    }
  });

  it('names an enrolled face, and the image as the field of the request', () => {
    const failure = beyondCalibration(
      { ...sharp, field: 'image' },
      { ...mush, field: undefined, name: 'the enrolled face 7' },
    );
    expect(failure.message).toContain('The face of the enrolled face 7');
    expect(failure.metadata).toEqual({ field: 'image' });
  });
});

describe('expectedOf', () => {
  it('is not known where the looks of a face are not', () => {
    expect(expectedOf([0.5, 1], [0.5, 0.25])).toBeCloseTo(0.5, 12);
    // One that is not known is taken to look like the other.
    expect(expectedOf(undefined, [0.5, 0.5])).toBeCloseTo(0.5, 12);
    expect(expectedOf([0.5, 0.5], undefined)).toBeCloseTo(0.5, 12);
    expect(expectedOf(undefined, undefined)).toBeUndefined();
  });
});
