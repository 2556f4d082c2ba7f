import { expect, it } from 'vitest';
import { histogramPercentile } from './histogram-percentile.js';

const buckets = [
  { upperBound: 0.1, cumulativeCount: 50 },
  { upperBound: 0.2, cumulativeCount: 90 },
  { upperBound: Infinity, cumulativeCount: 100 },
];

it('is interpolated within the bucket that it falls into', () => {
  expect(histogramPercentile(buckets, 0.25)).toBeCloseTo(0.05, 12);
  expect(histogramPercentile(buckets, 0.7)).toBeCloseTo(0.15, 12);
});

it('is the highest bound where it is beyond all of them', () => {
  expect(histogramPercentile(buckets, 0.99)).toBe(0.2);
});

it('is 0 where nothing was counted', () => {
  expect(histogramPercentile([{ upperBound: Infinity, cumulativeCount: 0 }], 0.5)).toBe(0);
});
