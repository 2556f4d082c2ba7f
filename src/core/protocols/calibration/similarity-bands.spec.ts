import { describe, expect, it } from 'vitest';
import { similarityBands, similarityBins } from './similarity-bands.js';

/** Pairs of one similarity whose expectations run from 0.2 to 0.8. */
function pairs(count: number, similarity: number) {
  return {
    similarities: new Float32Array(count).fill(similarity),
    expected: Float32Array.from({ length: count }, (_, pair) => 0.2 + (0.6 * pair) / count),
  };
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe('similarityBands', () => {
  it('counts every pair once, in bands of equal numbers of genuine pairs by rising difficulty', () => {
    const bands = similarityBands(pairs(400, 0.5), pairs(1000, -1));
    expect(bands.map(({ genuine }) => total(genuine))).toEqual([100, 100, 100, 100]);
    expect(bands.reduce((sum, { impostor }) => sum + total(impostor), 0)).toBe(1000);
    expect(bands.map(({ upTo }) => upTo)).toEqual(bands.map(({ upTo }) => upTo).toSorted((a, b) => a - b));
    expect(bands[0]?.genuine[(0.75 * similarityBins) | 0]).toBe(100);
    expect(bands[0]?.impostor[0]).toBeGreaterThan(0);
  });

  it('has a place for identical photographs and for impostors harder than every genuine pair', () => {
    const impostor = { similarities: Float32Array.of(1), expected: Float32Array.of(1.5) };
    const last = similarityBands(pairs(200, 1), impostor).at(-1);
    expect(last?.upTo).toBe(1.5);
    expect(last?.impostor.at(-1)).toBe(1);
    expect(last?.genuine.at(-1)).toBe(100);
  });

  it('draws nothing of a handful of pairs', () => {
    expect(similarityBands(pairs(99, 0.5), pairs(1000, 0))).toEqual([]);
  });
});
