import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../random/seeded-random.js';
import { bandOf, thresholdBands } from './threshold-bands.js';

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

describe('bandOf', () => {
  const bands = [
    { upTo: 0.2, similarityThreshold: 0.3, impostorPairCount: 30 },
    { upTo: 0.4, similarityThreshold: 0.5, impostorPairCount: 30 },
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
