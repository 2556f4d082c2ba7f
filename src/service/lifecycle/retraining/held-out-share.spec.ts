import { describe, expect, it } from 'vitest';
import { countToHoldOut } from './held-out-share.js';

const identities = (count: number, faceCount: number, collections = 1) =>
  Array.from({ length: count }, (_, index) => ({
    identity: String(index),
    collection: String(index % collections),
    faceCount,
  }));

/** Pairs of faces of two of so many identities. */
const pairsOf = (count: number, faceCount: number): number => ((count * (count - 1)) / 2) * faceCount ** 2;

describe('countToHoldOut', () => {
  it('is a fifth where its pairs of strangers do for the rate', () => {
    expect(pairsOf(60, 8)).toBeGreaterThan(33_000);
    expect(countToHoldOut(identities(300, 8), 1e-3)).toBe(60);
    expect(countToHoldOut(identities(60, 5), 0.1)).toBe(12);
  });

  it('is as many more as the rate needs, with a tenth to spare', () => {
    const count = countToHoldOut(identities(180, 6), 1e-3);
    expect(count).toBeGreaterThan(36);
    expect(pairsOf(count, 6)).toBeGreaterThanOrEqual(33_000);
    expect(pairsOf(count - 1, 6)).toBeLessThan(33_000);
  });

  it('is a fifth where two fifths would not do', () => {
    expect(pairsOf(24, 5)).toBeLessThan(33_000);
    expect(countToHoldOut(identities(60, 5), 1e-3)).toBe(12);
    expect(countToHoldOut(identities(180, 6), 1e-4)).toBe(36);
  });

  it('counts pairs within collections alone', () => {
    const one = countToHoldOut(identities(180, 6), 1e-3);
    expect(countToHoldOut(identities(180, 6, 2), 1e-3)).toBeGreaterThan(one);
  });
});
