import { describe, expect, it } from 'vitest';
import { collapseInEvaluation, collapseInSteps } from './collapse.js';

const healthy = {
  areaUnderCurve: 0.98,
  accuracy: { mean: 0.94 },
  genuinePairCount: 300,
  impostorPairCount: 300,
  meanEmbeddingNorm: 12,
};
const signsOf = (change: Partial<typeof healthy>, halfDistance: number | 'unknown' = 0.3) =>
  collapseInEvaluation({
    set: 'lfw',
    report: { ...healthy, ...change },
    halves: halfDistance === 'unknown' ? undefined : { distance: halfDistance },
  }).map(({ sign }) => sign);

describe('a collapse', () => {
  it('is not seen in a network that learns', () => {
    expect(signsOf({})).toEqual([]);
    expect(signsOf({}, 'unknown')).toEqual([]);
    expect(collapseInSteps({ symmetryLoss: 0.01, gradientNorm: 2 }, true)).toEqual([]);
    expect(collapseInSteps({ symmetryLoss: 0, gradientNorm: 2 }, false)).toEqual([]);
  });

  it('is seen by halves that are alike, embeddings without length, and gradients that are gone', () => {
    expect(signsOf({}, 0)).toEqual(['equal-halves']);
    expect(signsOf({ meanEmbeddingNorm: 0 }, Number.NaN)).toEqual(['no-length', 'equal-halves']);
    expect(collapseInSteps({ symmetryLoss: 0, gradientNorm: 0 }, true).map(({ sign }) => sign)).toEqual([
      'equal-halves',
      'no-gradient',
    ]);
  });

  // The standard deviation of 300 and 300 pairs is 0.0236, of 100 and 100 it is 0.0409, of 30 and 30 it is 0.0751.
  it.each([
    [300, 0.56, ['chance']],
    [300, 0.58, []],
    [100, 0.62, ['chance']],
    [100, 0.63, []],
    [30, 0.5, []],
  ])('is seen in an area that %d pairs of a kind do not tell from chance: %d', (pairs, area, signs) => {
    expect(signsOf({ areaUnderCurve: area, genuinePairCount: pairs, impostorPairCount: pairs })).toEqual(
      signs,
    );
  });
});
