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

  it('refuses no face, and faces of which nothing is left', () => {
    expect(() => templateSimilarity([])).toThrow('one face or more');
    const opposite = compared(probe, Float32Array.of(1, 0, 0), Float32Array.of(-1, 0, 0));
    expect(() => templateSimilarity(opposite)).toThrow('cancel each other out');
  });
});
