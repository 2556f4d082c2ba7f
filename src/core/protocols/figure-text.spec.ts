import { describe, expect, it } from 'vitest';
import {
  falseMatchRateText,
  intervalText,
  percent,
  points,
  pValueText,
  shortPercent,
} from './figure-text.js';

describe('figures for people', () => {
  it('has shares in percent and differences in points with their sign', () => {
    expect([percent(0.98765), points(0.0123), points(-0.0123), points(0)]).toEqual([
      '98.77 %',
      '+1.23',
      '-1.23',
      '+0.00',
    ]);
  });

  it('has shares with the digits that they need', () => {
    expect([shortPercent(0.2), shortPercent(0.00123456), shortPercent(1.26e-9, 2)]).toEqual([
      '20 %',
      '0.123 %',
      '0.00000013 %',
    ]);
  });

  it('has an interval by its ends, and nothing where there is none', () => {
    const interval = { lower: -0.012, upper: 0.5 };
    expect(intervalText(interval, percent)).toBe('-1.20 % to 50.00 %');
    expect(intervalText(interval, points)).toBe('-1.20 to +50.00');
    expect([intervalText(undefined, points), intervalText(null, percent)]).toEqual(['', '']);
  });

  it('has rates and p-values with the digits that tell something', () => {
    expect([0.001, 0.0125, 1e-6, 1].map(falseMatchRateText)).toEqual(['1e-3', '1.3e-2', '1e-6', '1e+0']);
    expect([pValueText(0.04321), pValueText(1e-9)]).toEqual(['0.043', '< 0.0001']);
  });
});
