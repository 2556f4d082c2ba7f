import { describe, expect, it } from 'vitest';
import { samplesThatCount } from './statistics-mask.js';

describe('samplesThatCount', () => {
  // Two slots, of which one is used: samples 0 and 2 are its halves; the last one is padding.
  const batch = { rho: Float32Array.of(0.7, 0), sampleMask: Float32Array.of(1, 1, 1, 1, 1, 0) };

  it('are all samples, or those that are no halves', () => {
    expect([...samplesThatCount(batch)]).toEqual([1, 1, 1, 1, 1, 0]);
    expect([...samplesThatCount(batch, 'full-faces')]).toEqual([0, 1, 0, 1, 1, 0]);
  });

  it('are all where no face is split', () => {
    expect([...samplesThatCount({ ...batch, rho: new Float32Array() }, 'full-faces')]).toEqual([
      1, 1, 1, 1, 1, 0,
    ]);
  });
});
