import { describe, expect, it } from 'vitest';
import {
  countsFor,
  falseMatchRateAt,
  falseNonMatchRateAt,
  oddsText,
  rateText,
  thresholdsFor,
} from './error-rates.js';

const calibration = {
  thresholds: [
    {
      falseMatchRate: 0.1,
      similarityThreshold: 0.3,
      bands: [
        { highestExpectedImpostorSimilarity: 0.4, similarityThreshold: 0.2 },
        { highestExpectedImpostorSimilarity: 1, similarityThreshold: 0.5 },
      ],
    },
    {
      falseMatchRate: 0.001,
      similarityThreshold: 0.6,
      bands: [{ highestExpectedImpostorSimilarity: 0.4, similarityThreshold: 0.4 }],
    },
  ],
  similarityBands: [
    { highestExpectedImpostorSimilarity: 0.4, genuine: [0, 0, 10, 90], impostor: [50, 50, 0, 0] },
  ],
};
const known = thresholdsFor(calibration, 0.3);

describe('the thresholds of a look', () => {
  it('are those of the band that the pair is in, as far as it is calibrated', () => {
    expect(known.map(({ similarity }) => similarity)).toEqual([0.2, 0.4]);
    expect(thresholdsFor(calibration, 0.9).map(({ similarity }) => similarity)).toEqual([0.5]);
    expect(thresholdsFor(calibration, undefined).map(({ similarity }) => similarity)).toEqual([0.3, 0.6]);
  });
});

describe('the false match rate', () => {
  it('is the measured one at a measured threshold, and falls between two of them', () => {
    expect(falseMatchRateAt(known, 0.4)).toEqual({ lower: 0.001, upper: 0.001 });
    // Half the way between the deviates -1.2816 and -3.0902.
    expect(falseMatchRateAt(known, 0.3).lower).toBeCloseTo(0.0144, 3);
  });

  it('is bounded only where nothing was measured', () => {
    expect(rateText(falseMatchRateAt(known, 0.1))).toBe('more than 10 %');
    expect(rateText(falseMatchRateAt(known, 0.7))).toBe('less than 0.1 %');
    expect(oddsText(falseMatchRateAt(known, 0.7))).toBe('');
    expect(oddsText(falseMatchRateAt(known, 0.4))).toBe('1 in 1,000');
  });
});

describe('the false non-match rate', () => {
  it('is the share of one person’s pairs below, within a bin by proportion', () => {
    const counts = countsFor(calibration, 0.3);
    expect(falseNonMatchRateAt(counts, 0.5)).toEqual({ lower: 0.1, upper: 0.1 });
    expect(falseNonMatchRateAt(counts, 0.25)?.upper).toBeCloseTo(0.05, 9);
    expect(falseNonMatchRateAt(counts, -0.5)).toEqual({ lower: 0, upper: 0.03 });
    expect(falseNonMatchRateAt(countsFor(calibration, 0.9), 0.5)).toBeUndefined();
  });
});
