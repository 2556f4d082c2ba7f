import { describe, expect, it } from 'vitest';
import { Failure } from '../failure.js';
import { isMatch, resolveThreshold } from './threshold.js';

const recorded = { similarity: 0.31, description: 'FMR 1e-3 on 2.6 million impostor pairs' };

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
      expect(resolveThreshold(similarity, recorded)).toEqual({
        similarity,
        origin: 'request',
        description: 'set by the request',
      });
    }
    expect(resolveThreshold(0.5, undefined).origin).toBe('request');
  });

  it("takes the model version's otherwise", () => {
    expect(resolveThreshold(undefined, recorded)).toEqual({ ...recorded, origin: 'model-version' });
  });

  it('says what to do where there is neither', () => {
    const failure = failureOf(() => resolveThreshold(undefined, undefined));
    expect(failure.reason).toBe('THRESHOLD_NOT_CALIBRATED');
    expect(failure.message).toContain('Set similarity_threshold in the request');
  });

  it.each([Number.NaN, 1.0001, -1.0001, Number.POSITIVE_INFINITY])('rejects %d', (similarity) => {
    const failure = failureOf(() => resolveThreshold(similarity, recorded));
    expect(failure.reason).toBe('INVALID_ARGUMENT');
    expect(failure.fieldViolations).toEqual([
      {
        field: 'similarity_threshold',
        description: `must be a cosine similarity from -1 to 1, got ${similarity}`,
      },
    ]);
  });
});

describe('isMatch', () => {
  const threshold = resolveThreshold(0.31, undefined);

  it.each([
    [0.31, true],
    [0.3101, true],
    [0.3099, false],
    [-1, false],
  ])('of %d at 0.31 is %s', (similarity, expected) => {
    expect(isMatch(similarity, threshold)).toBe(expected);
  });
});
