import { describe, expect, it } from 'vitest';
import { addCounts, countsOf, noShadowCounts, shadowMetrics } from './shadow.js';

const decision = (servingMatches: boolean, candidateMatches: boolean) =>
  countsOf({ servingMatches, candidateMatches, servingMs: 10, candidateMs: 30 });

describe('shadowMetrics', () => {
  it('has none before the first comparison', () => {
    expect(shadowMetrics({ ...noShadowCounts, failed: 3, dropped: 4 })).toBeUndefined();
  });

  it('counts decisions that differ, either way', () => {
    const counts = [
      decision(true, true),
      decision(true, false),
      decision(false, true),
      decision(false, false),
      decision(false, false),
    ].reduce(addCounts, noShadowCounts);
    expect(counts).toMatchObject({
      matchedByBoth: 1,
      matchedByServingOnly: 1,
      matchedByCandidateOnly: 1,
      matchedByNeither: 2,
    });
    expect(shadowMetrics(counts)).toMatchObject({
      comparedCount: 5,
      flipRate: 0.4,
      meanServingMs: 10,
      meanCandidateMs: 30,
    });
  });

  // Brown, Cai & DasGupta (2001) and R's prop.test(x, n, correct = FALSE) give these.
  it.each([
    [0, 100, 0, 0.036994],
    [10, 100, 0.055229, 0.174367],
    [1, 10, 0.017876, 0.40415],
  ])('has the Wilson interval of %i in %i', (flips, compared, lower, upper) => {
    const figures = shadowMetrics({
      ...noShadowCounts,
      matchedByServingOnly: flips,
      matchedByBoth: compared - flips,
    });
    expect(figures?.flipRateInterval.lower).toBeCloseTo(lower, 5);
    expect(figures?.flipRateInterval.upper).toBeCloseTo(upper, 5);
  });
});
