import { describe, expect, it } from 'vitest';
import { cosineSimilarity } from './similarity.js';
import { templateSimilarity } from './template-similarity.js';

function compared(probe: Float32Array, ...embeddings: readonly Float32Array[]) {
  return embeddings.map((embedding) => ({ embedding, similarity: cosineSimilarity(probe, embedding) }));
}

const probe = Float32Array.of(1, 1, 0);

describe('templateSimilarity', () => {
  it('of one photograph, however often it is there and however long, is the cosine', () => {
    const face = Float32Array.of(3, 0, 4);
    const longer = face.map((value) => 7 * value);
    const cosine = 3 / (5 * Math.SQRT2);
    expect(templateSimilarity(compared(probe, face))).toBeCloseTo(cosine, 6);
    expect(templateSimilarity(compared(probe, face, longer, face))).toBeCloseTo(cosine, 6);
  });

  it('lies between the mean of the similarities and the cosine to their mean', () => {
    // Both at 45 degrees of the probe, at right angles to each other: |m| = 1/sqrt(2).
    const similarity = templateSimilarity(
      compared(probe, Float32Array.of(2, 0, 0), Float32Array.of(0, 1, 0)),
    );
    expect(similarity).toBeCloseTo(Math.SQRT1_2 / Math.SQRT1_2 ** 0.75, 6);
    expect(similarity).toBeGreaterThan(Math.SQRT1_2);
    expect(similarity).toBeLessThan(1);
  });

  it('finds nobody in embeddings that cancel each other out', () => {
    const opposite = compared(probe, Float32Array.of(1, 0, 0), Float32Array.of(-1, 0, 0));
    expect(templateSimilarity(opposite)).toBe(0);
    // What is left is rounding, of the similarities too.
    const almost = [
      { similarity: 1, embedding: Float32Array.of(1, 1e-8, 0) },
      { similarity: -1 + 1e-7, embedding: Float32Array.of(-1, 0, 0) },
    ];
    expect(Math.abs(templateSimilarity(almost))).toBeLessThan(0.01);
  });

  it('is within -1 and 1, whatever is rounded', () => {
    for (let draw = 1; draw <= 200; draw++) {
      const embedding = Float32Array.from({ length: 16 }, (_, axis) => Math.sin(draw * 17 + axis * axis));
      expect(Math.abs(templateSimilarity(compared(embedding, embedding)))).toBeLessThanOrEqual(1);
      const negated = embedding.map((value) => -value);
      expect(templateSimilarity(compared(negated, embedding))).toBeGreaterThanOrEqual(-1);
    }
  });

  it('refuses no face', () => {
    expect(() => templateSimilarity([])).toThrow('one face or more');
  });
});
