import { describe, expect, it } from 'vitest';
import type { Interval } from '../generated/symface/v1/benchmark_pb.js';
import { durationText } from './durations.js';
import { percent, percentInterval, pointInterval, points, pValueText, rateText } from './rates.js';

const interval = { lower: -0.012, upper: 0.5 } as Interval;

describe('figures for people', () => {
  it('has shares in percent and differences in points with their sign', () => {
    expect([percent(0.98765), points(0.0123), points(-0.0123), points(0)]).toEqual([
      '98.77 %',
      '+1.23',
      '−1.23',
      '+0.00',
    ]);
  });

  it('has an interval with its unit, and nothing where there is none', () => {
    expect([percentInterval(interval), pointInterval(interval)]).toEqual([
      '-1.20 to 50.00 %',
      '−1.20 to +50.00',
    ]);
    expect([percentInterval(undefined), pointInterval(undefined)]).toEqual(['', '']);
  });

  it('has rates and p-values with the digits that tell something', () => {
    expect([rateText(0.001), rateText(0.0125)]).toEqual(['1e-3', '1.3e-2']);
    expect([pValueText(0.04321), pValueText(1e-9)]).toEqual(['0.043', '< 0.0001']);
  });

  it('has durations in two units at most', () => {
    expect([durationText(12_400), durationText(200_000), durationText(7_500_000)]).toEqual([
      '12 s',
      '3 min 20 s',
      '2 h 5 min',
    ]);
  });
});
