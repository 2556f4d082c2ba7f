import { describe, expect, it } from 'vitest';
import { Failure } from '../failure.js';
import { isMatch, requireUsable, resolveThreshold } from './threshold.js';

const recorded = { similarity: 0.31, description: 'FMR 1e-3 on 2.6 million impostor pairs' };
const nothing = { similarityThreshold: undefined, falseMatchRate: undefined };
const calibration = {
  modelVersion: 'net-1',
  benchmarkRunId: 'e1',
  datasetId: 'lfw',
  defaultFalseMatchRate: 1e-2,
  thresholds: [
    { falseMatchRate: 1e-1, similarityThreshold: 0.2, interval: undefined },
    { falseMatchRate: 1e-2, similarityThreshold: 0.4, interval: undefined },
  ],
  logistic: { slope: 10, offset: -3 },
  impostorPairCount: 3000,
  createTime: new Date(0),
};

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('resolveThreshold', () => {
  it("prefers the request's threshold, down to 0 and the limits", () => {
    for (const similarity of [0.5, 0, -1, 1]) {
      const requested = { ...nothing, similarityThreshold: similarity };
      expect(resolveThreshold(requested, recorded, calibration)).toEqual({
        similarity,
        origin: 'request',
        description: 'set by the request',
      });
    }
    expect(resolveThreshold({ ...nothing, similarityThreshold: 0.5 }, undefined, undefined).origin).toBe(
      'request',
    );
  });

  it("takes the model version's calibration otherwise, at the default rate or the request's", () => {
    expect(resolveThreshold(nothing, recorded, calibration)).toEqual({
      similarity: 0.4,
      origin: 'calibration',
      description: 'FMR 1e-2 on 3000 impostor pairs of lfw',
      falseMatchRate: 1e-2,
      benchmarkRunId: 'e1',
    });
    const requested = { ...nothing, falseMatchRate: 1 / 10 };
    expect(resolveThreshold(requested, recorded, calibration)).toMatchObject({ similarity: 0.2 });
  });

  it('takes the recorded one where nothing was calibrated', () => {
    expect(resolveThreshold(nothing, recorded, undefined)).toEqual({ ...recorded, origin: 'model-version' });
  });

  it('says what to do where there is none', () => {
    const failure = failureOf(() => resolveThreshold(nothing, undefined, undefined));
    expect(failure.reason).toBe('THRESHOLD_NOT_CALIBRATED');
    expect(failure.message).toContain('Set similarity_threshold in the request');
  });

  it('never takes another threshold for one of a rate that was not calibrated', () => {
    const requested = { ...nothing, falseMatchRate: 1e-3 };
    const failure = failureOf(() => resolveThreshold(requested, recorded, calibration));
    expect(failure.reason).toBe('THRESHOLD_NOT_CALIBRATED');
    expect(failure.message).toContain('1e-1, 1e-2');
    expect(failureOf(() => resolveThreshold(requested, recorded, undefined)).reason).toBe(
      'THRESHOLD_NOT_CALIBRATED',
    );
  });
});

describe('requireUsable', () => {
  it.each([Number.NaN, 1.0001, -1.0001, Number.POSITIVE_INFINITY])('rejects %d', (similarityThreshold) => {
    const failure = failureOf(() => {
      requireUsable({ ...nothing, similarityThreshold });
    });
    expect(failure.reason).toBe('INVALID_ARGUMENT');
    expect(failure.fieldViolations).toEqual([
      {
        field: 'similarity_threshold',
        description: `must be a cosine similarity from -1 to 1, got ${similarityThreshold}`,
      },
    ]);
  });

  it.each([
    [undefined, 0],
    [undefined, 1],
    [undefined, Number.NaN],
    [0.5, 1e-3],
  ])('rejects similarity %s with rate %s', (similarityThreshold, falseMatchRate) => {
    const failure = failureOf(() => {
      requireUsable({ similarityThreshold, falseMatchRate });
    });
    expect(failure.fieldViolations[0]?.field).toBe('false_match_rate');
  });
});

describe('isMatch', () => {
  const threshold = resolveThreshold({ ...nothing, similarityThreshold: 0.31 }, undefined, undefined);

  it.each([
    [0.31, true],
    [0.3101, true],
    [0.3099, false],
    [-1, false],
  ])('of %d at 0.31 is %s', (similarity, expected) => {
    expect(isMatch(similarity, threshold)).toBe(expected);
  });
});
