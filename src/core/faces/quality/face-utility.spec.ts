import { describe, expect, it } from 'vitest';
import { type UtilityEvidence, utilityOf } from './face-utility.js';

const usual: UtilityEvidence = {
  cropUtility: 50,
  probability: 0.85,
  landmarkUncertainty: 0.03,
  embeddingNorm: 7,
  typicalNorm: { mean: 7, standardDeviation: 1 },
};

describe('utilityOf', () => {
  it.each([
    ['a higher utility of the crop', { cropUtility: 60 }],
    ['a higher probability', { probability: 0.9 }],
    ['a longer embedding', { embeddingNorm: 8 }],
  ])('rises with %s', (_, better) => {
    expect(utilityOf({ ...usual, ...better })).toBeGreaterThan(utilityOf(usual));
  });

  it('makes nothing of what is not known', () => {
    const unknown = { ...usual, landmarkUncertainty: undefined, typicalNorm: undefined };
    expect(utilityOf({ ...unknown, embeddingNorm: 0 })).toBe(utilityOf({ ...unknown, embeddingNorm: 70 }));
    // A crop that promises half of the comparisons does so about.
    expect(Math.abs(utilityOf(unknown) - 50)).toBeLessThan(5);
  });

  it.each([0, 1e-9, 50, 100])('is from 0 to 100 for a crop of %d', (cropUtility) => {
    const utility = utilityOf({ ...usual, cropUtility });
    expect(utility).toBeGreaterThan(0);
    expect(utility).toBeLessThan(100);
  });
});
