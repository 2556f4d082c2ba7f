import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../random/seeded-random.js';
import { asFarAsStricter, bandOf, thresholdAccepting, thresholdBands } from './threshold-bands.js';

/** Similarities evenly from 0 to 1 over what is expected: the threshold of 1e-1 is expected + 0.9. */
function uniformPairs(count: number): { similarities: Float32Array; expected: Float32Array } {
  const uniform = uniformGenerator(5);
  const expected = Float32Array.from({ length: count }, () => uniform());
  return { expected, similarities: expected.map((value) => value + uniform()) };
}

describe('thresholdBands', () => {
  it('finds the quantile of each band', () => {
    const bands = thresholdBands(uniformPairs(240_000), 1e-1);
    expect(bands.length).toBeGreaterThan(24);
    expect(bands.at(-1)?.upTo).toBeCloseTo(1, 4);
    let from = 0;
    for (const { upTo, similarityThreshold } of bands) {
      expect(similarityThreshold).toBeCloseTo((from + upTo) / 2 + 0.9, 1);
      from = upTo;
    }
  });

  it('accepts exactly the share of the pairs that it says, computed by hand', () => {
    // 300 pairs of one expectation, similarities 0.001 to 0.3: 30 of them reach 0.2705.
    const similarities = Float32Array.from({ length: 300 }, (_, index) => (index + 1) / 1000);
    const [band, ...others] = thresholdBands({ similarities, expected: new Float32Array(300) }, 1e-1);
    expect(others).toEqual([]);
    expect(band?.impostorPairCount).toBe(300);
    expect(band?.similarityThreshold).toBeCloseTo(0.2705, 6);
  });

  it('has as many bands as have 30 false matches each, and none where there are fewer', () => {
    expect(thresholdBands(uniformPairs(299), 1e-1)).toEqual([]);
    expect(thresholdBands(uniformPairs(300), 1e-1)).toHaveLength(1);
    expect(thresholdBands(uniformPairs(899), 1e-1)).toHaveLength(2);
  });

  it('makes one band of pairs of one expectation', () => {
    const similarities = Float32Array.from({ length: 3000 }, (_, index) => ((index * 7) % 3000) / 3000);
    const bands = thresholdBands({ similarities, expected: new Float32Array(3000).fill(0.5) }, 1e-1);
    expect(bands).toHaveLength(1);
    expect(bands[0]).toMatchObject({ upTo: 0.5, impostorPairCount: 3000 });
    expect(bands[0]?.similarityThreshold).toBeCloseTo(0.9, 1);
  });

  it('never asks less of harder pairs', () => {
    const uniform = uniformGenerator(6);
    const expected = Float32Array.from({ length: 6_000 }, () => uniform());
    const similarities = expected.map((value) => uniform() - value);
    const thresholds = thresholdBands({ similarities, expected }, 1e-1).map(
      (band) => band.similarityThreshold,
    );
    expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b));
  });
});

describe('thresholdAccepting', () => {
  it.each([
    // Two of ten are accepted: 0.9 and 0.8.
    [[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], 0.75],
    // Three of one similarity are one too many: only the one above them is accepted.
    [[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6, 0.9], 0.75],
    // Even the highest are too many: none is.
    [[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9, 0.9, 0.9], 0.95],
  ])('a fifth of %j is %d', (similarities, expected) => {
    expect(thresholdAccepting(0.2, Float32Array.from(similarities))).toBeCloseTo(expected, 6);
  });
});

describe('asFarAsStricter', () => {
  const band = (upTo: number, similarityThreshold: number) => ({
    upTo,
    similarityThreshold,
    impostorPairCount: 1,
  });
  const looser = [band(0.3, 0.2), band(0.6, 0.4), band(1, 0.8)];

  it('keeps bands that ask more throughout, cut wherever they are', () => {
    for (const bands of [
      [band(0.5, 0.5), band(1, 0.9)],
      [band(1, 0.8)],
      [band(0.2, 0.3), band(0.7, 0.85), band(1, 0.9)],
    ])
      expect(asFarAsStricter(bands, looser)).toEqual(bands);
    expect(asFarAsStricter(looser, [])).toEqual(looser);
  });

  it('ends where they would ask less of hard pairs than the looser rate', () => {
    expect(asFarAsStricter([band(1, 0.5)], looser)).toEqual([band(0.6, 0.5)]);
    expect(asFarAsStricter([band(0.3, 0.3), band(1, 0.5)], looser)).toEqual([band(0.3, 0.3), band(0.6, 0.5)]);
    expect(asFarAsStricter([band(0.7, 0.5), band(1, 0.9)], looser)).toEqual([band(0.6, 0.5)]);
    expect(asFarAsStricter([band(1, 0.1)], looser)).toEqual([]);
  });
});

describe('bandOf', () => {
  const bands = [
    { upTo: Math.fround(0.2), similarityThreshold: 0.3, impostorPairCount: 30 },
    { upTo: Math.fround(0.4), similarityThreshold: 0.5, impostorPairCount: 30 },
  ];

  it.each([
    [-1, 0.3],
    [0.2, 0.3],
    [0.21, 0.5],
    [0.4, 0.5],
    [0.41, undefined],
  ])('of %d has the threshold %s', (expected, threshold) => {
    expect(bandOf(bands, expected)?.similarityThreshold).toBe(threshold);
  });
});
