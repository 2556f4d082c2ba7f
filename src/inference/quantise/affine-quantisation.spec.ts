import { describe, expect, it } from 'vitest';

import { quantisationParameters, quantiseBiases, quantiseFilters } from './affine-quantisation.js';

describe('affine quantisation', () => {
  it('spreads 256 steps over a range, with 0 on one of them', () => {
    expect(quantisationParameters({ minimum: -1, maximum: 1.55 })).toEqual({
      scale: Math.fround(0.01),
      zeroPoint: 100,
    });
  });

  it('takes 0 into ranges that lie to one side of it', () => {
    expect(quantisationParameters({ minimum: 2, maximum: 5.1 })).toEqual({
      scale: Math.fround(0.02),
      zeroPoint: 0,
    });
    expect(quantisationParameters({ minimum: -5.1, maximum: -2 })).toEqual({
      scale: Math.fround(0.02),
      zeroPoint: 255,
    });
    expect(quantisationParameters({ minimum: 0, maximum: 0 })).toEqual({ scale: 1, zeroPoint: 0 });
  });

  it('refuses what is no range', () => {
    expect(() => quantisationParameters({ minimum: 1, maximum: Number.NaN })).toThrow(RangeError);
    expect(() => quantisationParameters({ minimum: 1, maximum: 0 })).toThrow(RangeError);
  });

  it('gives each output channel the scale of its largest weight', () => {
    const { values, scales } = quantiseFilters(
      Float32Array.of(1.27, -0.5, 0.004, 0, 0, 0, -25.4, 12.8, 0.2),
      3,
    );
    expect([...scales]).toEqual([0.01, 1, 0.2].map(Math.fround));
    expect([...values]).toEqual([127, -50, 0, 0, 0, 0, -127, 64, 1]);
  });

  it('counts biases in steps of input times filter', () => {
    const biases = quantiseBiases(Float32Array.of(1, -0.06, 1e12), 0.5, Float32Array.of(0.01, 0.02, 1e-6));
    expect([...biases]).toEqual([200, -6, 2 ** 31 - 1]);
  });
});
