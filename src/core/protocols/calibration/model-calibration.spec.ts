import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../random/seeded-random.js';
import { calibrationOf, movedSimilarity, referenceThreshold, unsupportedRate } from './model-calibration.js';
import { matchProbability } from './logistic-calibration.js';
import type { PairSimilarities } from './threshold-bands.js';

/** Strangers evenly from `expected` - 0.5 to `expected`, which is 0.2 (easy) or 0.9 (hard) in turns. */
function strangers(count: number): PairSimilarities {
  const uniform = uniformGenerator(3);
  const expected = Float32Array.from({ length: count }, (_, pair) => (pair % 2 === 0 ? 0.2 : 0.9));
  return { expected, similarities: expected.map((value) => value - uniform() / 2) };
}

/** As strangers, a quarter higher. */
function samePersons(count: number): PairSimilarities {
  const { expected, similarities } = strangers(count);
  return { expected, similarities: similarities.map((value) => value + 0.25) };
}

const known = calibrationOf({ genuine: samePersons(2000), impostor: strangers(60_000) });

describe('calibrationOf', () => {
  it('has the rates that 30 false matches support, with a threshold for easy pairs and one for hard ones', () => {
    expect(known?.thresholds.map(({ falseMatchRate }) => falseMatchRate)).toEqual([1e-1, 1e-2, 1e-3]);
    const [loosest] = known!.thresholds;
    const thresholdOf = (expected: number) =>
      loosest!.bands.find(({ upTo }) => Math.fround(expected) <= upTo)?.similarityThreshold;
    // A tenth of them is within 0.05 of the highest.
    expect(thresholdOf(0.2)).toBeCloseTo(0.15, 2);
    expect(thresholdOf(0.9)).toBeCloseTo(0.85, 2);
    expect(thresholdOf(0.91)).toBeUndefined();
    // Of all together, a tenth is the highest fifth of the hard ones.
    expect(loosest!.similarityThreshold).toBeCloseTo(0.8, 2);
    expect(known?.impostorPairCount).toBe(60_000);
  });

  it('has one curve of match probability for easy pairs and hard ones', () => {
    const probability = (similarity: number, expected: number) =>
      matchProbability(known!.logistic, movedSimilarity(known!.thresholds, similarity, expected)!);
    // Where half of the strangers' range is the persons' too: as likely as not.
    for (const expected of [0.2, 0.9]) {
      expect(probability(expected - 0.125, expected)).toBeCloseTo(0.5, 1);
      expect(probability(expected + 0.2, expected)).toBeGreaterThan(0.9);
      expect(probability(expected - 0.45, expected)).toBeLessThan(0.1);
    }
    expect(movedSimilarity(known!.thresholds, 0.5, 0.91)).toBeUndefined();
  });

  it('is none of too few strangers, or where nobody is shown twice', () => {
    expect(calibrationOf({ genuine: samePersons(20), impostor: strangers(299) })).toBeUndefined();
    expect(calibrationOf({ genuine: samePersons(0), impostor: strangers(300) })).toBeUndefined();
    expect(calibrationOf({ genuine: samePersons(20), impostor: strangers(300) })).toBeDefined();
  });

  it('goes by the threshold of 1e-3 for match probabilities, or by the strictest looser one', () => {
    const rates = [1e-1, 1e-2, 1e-3, 1e-4].map((falseMatchRate) => ({
      falseMatchRate,
      similarityThreshold: 0,
      bands: [],
    }));
    expect(referenceThreshold(rates)?.falseMatchRate).toBe(1e-3);
    expect(referenceThreshold(rates.slice(0, 2))?.falseMatchRate).toBe(1e-2);
  });
});

describe('unsupportedRate', () => {
  it('says how many pairs there are, how many it takes, and the rates that they support', () => {
    const { reason, message, metadata } = unsupportedRate(1e-4, { ...known!, description: 'own' });
    expect(reason).toBe('CALIBRATION_UNSUPPORTED');
    expect(message).toMatch(
      /rate of 1e-4 needs 300000 impostor pairs .* own has 60000, .* 1e-1, 1e-2, 1e-3\./u,
    );
    expect(metadata).toEqual({ impostor_pair_count: '60000' });
  });

  it('says what else is lacking where there are pairs enough', () => {
    const nothing = { description: 'own', thresholds: [], impostorPairCount: 300 };
    expect(unsupportedRate(1e-3, nothing).message).toContain('no pair of one person');
  });
});
