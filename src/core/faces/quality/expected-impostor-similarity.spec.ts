import { describe, expect, it } from 'vitest';
import { expectedImpostorSimilarity } from './expected-impostor-similarity.js';

describe('expectedImpostorSimilarity', () => {
  it('is the sum of products, so that one face alone makes nothing alike', () => {
    expect(expectedImpostorSimilarity([0.5, 0.8], [0.5, 0.5])).toBeCloseTo(0.25 + 0.4, 12);
    expect(expectedImpostorSimilarity([0.5, 0.8], [0.5, 0])).toBeCloseTo(0.25, 12);
  });

  it('refuses appearances of different networks', () => {
    expect(() => expectedImpostorSimilarity([1, 2], [1])).toThrow(/2 and 1 numbers/u);
  });
});
