import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, l2Normalise } from '../../../core/verification/similarity.js';
import { FlatIndex } from './flat-index.js';

const dimension = 3;

const vector = fc
  .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: dimension, maxLength: dimension })
  .filter((values) => Math.hypot(...values) > 0.1)
  .map((values) => l2Normalise(Float32Array.from(values)));

describe('FlatIndex', () => {
  it('answers what comparing with every template one by one answers, after any changes', () => {
    const change = fc.record({
      kind: fc.constantFrom('put', 'put', 'remove'),
      face: fc.integer({ min: 0, max: 9 }),
      embedding: vector,
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), vector, (changes, probe) => {
        const flatIndex = new FlatIndex(dimension);
        const kept = new Map<string, Float32Array>();
        for (const { kind, face, embedding } of changes) {
          const id = `face-${face}`;
          if (kind === 'remove') {
            flatIndex.remove(id);
            kept.delete(id);
          } else {
            flatIndex.put(id, subjectOf(id), embedding);
            kept.set(id, embedding);
          }
        }
        expect(flatIndex.size).toBe(kept.size);
        const found = flatIndex.search(probe, 100);
        const best = new Map<string, number>();
        for (const [id, embedding] of kept) {
          const similarity = cosineSimilarity(probe, embedding);
          best.set(subjectOf(id), Math.max(best.get(subjectOf(id)) ?? -2, similarity));
        }
        expect(new Map(found.map(({ subjectId, similarity }) => [subjectId, similarity]))).toEqual(best);
        const few = flatIndex.search(probe, 2);
        expect(few).toEqual(found.slice(0, 2));
        const similarities = found.map(({ similarity }) => similarity);
        expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
        for (const { faceId, similarity } of found) {
          expect(cosineSimilarity(probe, kept.get(faceId)!)).toBe(similarity);
        }
      }),
    );
  });

  it('passes over a subject, and answers no more than asked for', () => {
    const flatIndex = new FlatIndex(2);
    flatIndex.put('f1', 'ada', Float32Array.of(1, 0));
    flatIndex.put('f2', 'bob', Float32Array.of(0.6, 0.8));
    flatIndex.put('f3', 'eve', Float32Array.of(0, 1));
    const probe = Float32Array.of(1, 0);
    expect(flatIndex.search(probe, 1).map(({ subjectId }) => subjectId)).toEqual(['ada']);
    expect(flatIndex.search(probe, 1, 'ada').map(({ subjectId }) => subjectId)).toEqual(['bob']);
  });

  it('grows by blocks and shrinks again', () => {
    const flatIndex = new FlatIndex(1);
    const count = 4097;
    for (let index = 0; index < count; index++) flatIndex.put(`f${index}`, `s${index}`, Float32Array.of(1));
    expect(flatIndex.bytes).toBe(2 * 4096 * 4);
    for (let index = 0; index < count; index++) flatIndex.remove(`f${index}`);
    expect([flatIndex.size, flatIndex.bytes]).toEqual([0, 0]);
    expect(flatIndex.search(Float32Array.of(1), 5)).toEqual([]);
  });

  it('takes templates of one dimension only', () => {
    expect(() => {
      new FlatIndex(2).put('f', 's', Float32Array.of(1));
    }).toThrow(RangeError);
  });
});

function subjectOf(face: string): string {
  return `subject-${Number(face.slice(-1)) % 4}`;
}
