import { describe, expect, it } from 'vitest';
import { Failure } from '../failure.js';
import type { CalibratedThreshold } from '../protocols/calibration/model-calibration.js';
import { isMatch, requireUsable, resolveThreshold } from './threshold.js';

const recorded = { similarity: 0.31, description: 'stated by hand' };
const nothing = { similarityThreshold: undefined, falseMatchRate: undefined };
const bandsFrom = (similarityThreshold: number): CalibratedThreshold['bands'] => [
  { upTo: 0.3, similarityThreshold, impostorPairCount: 2000 },
  { upTo: 0.6, similarityThreshold: similarityThreshold + 0.3, impostorPairCount: 1000 },
];
const known = {
  thresholds: [
    { falseMatchRate: 1e-1, similarityThreshold: 0.2, bands: bandsFrom(0.1) },
    { falseMatchRate: 1e-2, similarityThreshold: 0.4, bands: bandsFrom(0.35) },
  ],
  logistic: { slope: 10, offset: -3 },
  impostorPairCount: 3000,
};
const calibration = {
  ...known,
  modelVersion: 'net-1',
  benchmarkRunId: 'e1',
  datasetId: 'lfw',
  description: 'lfw',
  createTime: new Date(0),
};
const recordedCalibration = { ...known, description: 'CelebA 1 to 50' };
const none = { calibration: undefined, recordedCalibration: undefined, recordedThreshold: undefined };
const calibrated = { ...none, recordedThreshold: recorded, calibration };

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
  it("prefers the request's threshold, the same for all pairs, down to 0 and the limits where nothing was calibrated", () => {
    for (const similarity of [0.5, 0, -1, 1]) {
      const rule = resolveThreshold({ ...nothing, similarityThreshold: similarity }, none, 1e-3);
      const threshold = { similarity, origin: 'request', description: 'set by the request' };
      expect([rule.overall, rule.of(0.2), rule.of(9)]).toEqual([threshold, threshold, threshold]);
    }
  });

  it('has a threshold for each pair by how alike strangers are to be expected, and none beyond the hardest', () => {
    const rule = resolveThreshold(nothing, calibrated, 1e-2);
    expect(rule.overall).toEqual({
      similarity: 0.4,
      origin: 'calibration',
      description: 'FMR 1e-2 on 3000 impostor pairs of lfw',
      falseMatchRate: 1e-2,
      benchmarkRunId: 'e1',
    });
    expect(rule.of(0.25)).toEqual({
      similarity: 0.35,
      origin: 'calibration',
      description: 'FMR 1e-2 on 2000 impostor pairs that look as alike, of lfw',
      falseMatchRate: 1e-2,
      benchmarkRunId: 'e1',
      expectedImpostorSimilarity: 0.25,
    });
    expect(rule.of(0.31)?.similarity).toBeCloseTo(0.65, 12);
    expect(rule.of(0.61)).toBeUndefined();
  });

  it("takes the request's rate in place of the one in force", () => {
    const requested = { ...nothing, falseMatchRate: 1 / 10 };
    expect(resolveThreshold(requested, calibrated, 1e-2).of(0)?.similarity).toBe(0.1);
  });

  it("takes the manifest's calibration where the version was not calibrated here, and says so", () => {
    const { of, overall } = resolveThreshold(nothing, { ...none, recordedCalibration }, 1e-2);
    expect(overall).toEqual({
      similarity: 0.4,
      origin: 'model-version',
      description: 'FMR 1e-2 on 3000 impostor pairs of CelebA 1 to 50',
      falseMatchRate: 1e-2,
    });
    expect(of(0.61)).toBeUndefined();
    const both = { ...calibrated, recordedCalibration };
    expect(resolveThreshold(nothing, both, 1e-2).overall.origin).toBe('calibration');
  });

  it('takes the bare one of the manifest where nothing was calibrated', () => {
    const rule = resolveThreshold(nothing, { ...none, recordedThreshold: recorded }, 1e-3);
    expect([rule.overall, rule.of(5)]).toEqual(new Array(2).fill({ ...recorded, origin: 'model-version' }));
    expect(rule.calibration).toBeUndefined();
  });

  it('says what to do where there is none', () => {
    const failure = failureOf(() => resolveThreshold(nothing, none, 1e-3));
    expect(failure.reason).toBe('THRESHOLD_NOT_CALIBRATED');
    expect(failure.message).toContain('Set similarity_threshold in the request');
  });

  it('never takes another threshold for one of a rate that was not calibrated', () => {
    const requested = { ...nothing, falseMatchRate: 1e-3 };
    for (const [request, rate] of [
      [requested, 1e-2],
      [nothing, 1e-3],
    ] as const) {
      const failure = failureOf(() => resolveThreshold(request, calibrated, rate));
      expect(failure.reason).toBe('THRESHOLD_NOT_CALIBRATED');
      expect(failure.message).toContain('1e-1, 1e-2');
    }
    // 30 false matches at one in a million.
    const strict = failureOf(() => resolveThreshold({ ...nothing, falseMatchRate: 1e-6 }, calibrated, 1e-2));
    expect(strict.message).toContain('For 1e-6 calibrate it on 30000000 impostor pairs or more.');
    expect(strict.metadata).toEqual({ false_match_rate: '0.000001' });
    const odd = failureOf(() => resolveThreshold({ ...nothing, falseMatchRate: 0.002 }, calibrated, 1e-2));
    expect(odd.message).toContain('thresholds at 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6');
    const bare = { ...none, recordedThreshold: recorded };
    expect(failureOf(() => resolveThreshold(requested, bare, 1e-2)).reason).toBe('THRESHOLD_NOT_CALIBRATED');
  });

  it.each([
    // The loosest threshold is 0.2. The reference is 0.4, of 1e-2: three quarters of the way to 1 are 0.85.
    [0.2, undefined],
    [0.85, undefined],
    [0.19, 'must be at least 0.2000: more than 10 % of strangers match at 0.19'],
    [0.86, 'must be at most 0.8500: hardly any two photographs of one person reach 0.86'],
  ])("refuses a request's threshold that means nothing: %d", (similarityThreshold, description) => {
    const resolve = () => resolveThreshold({ ...nothing, similarityThreshold }, calibrated, 1e-2);
    if (description === undefined) {
      expect(resolve().overall.similarity).toBe(similarityThreshold);
      return;
    }
    const [violation] = failureOf(resolve).fieldViolations;
    expect(violation?.field).toBe('similarity_threshold');
    expect(violation?.description).toContain(description);
    expect(violation?.description).toContain('calibrated to 0.2000 (FMR 1e-1), 0.4000 (FMR 1e-2)');
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
  const { overall: threshold } = resolveThreshold({ ...nothing, similarityThreshold: 0.31 }, none, 1e-3);

  it.each([
    [0.31, true],
    [0.3101, true],
    [0.3099, false],
    [-1, false],
  ])('of %d at 0.31 is %s', (similarity, expected) => {
    expect(isMatch(similarity, threshold)).toBe(expected);
  });
});
