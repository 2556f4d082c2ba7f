import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, l2Normalise } from '../../../core/verification/similarity.js';
import { BestSubjects } from './best-subjects.js';
import { FlatIndex, flatIndexBytes } from './flat-index.js';
import { ScanMemory } from './scan-memory.js';

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
    const memory = new ScanMemory();
    const [flatIndex, other] = [new FlatIndex(1, memory), new FlatIndex(1, memory)];
    other.put('other', 'other', Float32Array.of(1));
    const count = 2 ** 14 + 1;
    for (let index = 0; index < count; index++) flatIndex.put(`f${index}`, `s${index}`, Float32Array.of(1));
    expect(flatIndex.bytes).toBe(flatIndexBytes(2 ** 15, 1));
    for (let index = 0; index < count; index++) flatIndex.remove(`f${index}`);
    expect([flatIndex.size, flatIndex.bytes]).toEqual([0, 0]);
    expect(flatIndex.search(Float32Array.of(1), 5)).toEqual([]);
    // What was given back is taken again, empty, and nobody else's is touched.
    flatIndex.put('f', 's', Float32Array.of(-1));
    expect(flatIndex.search(Float32Array.of(1), 5)).toMatchObject([{ faceId: 'f', similarity: -1 }]);
    expect(other.search(Float32Array.of(1), 5)).toMatchObject([{ faceId: 'other', similarity: 1 }]);
  });

  it('answers as comparing all does where whole numbers cannot tell the faces apart', () => {
    for (const size of [16, 100, 512, 1000]) {
      const random = seeded(size);
      const probe = l2Normalise(Float32Array.from({ length: size }, random));
      const flatIndex = new FlatIndex(size);
      const templates = new Map<string, Float32Array>();
      // Each one differs from the probe, or from a face far from it, by less than a step of a whole number; some not at all.
      for (let index = 0; index < 700; index++) {
        const near = index % 3 > 0 ? probe : probe.map((value, at) => (at % 2 ? value : -value));
        const embedding = near.map(
          (value) => value + (index % 7 === 0 ? 0 : (random() * 10 ** -(index % 9)) / size),
        );
        templates.set(`f${index}`, l2Normalise(embedding));
        flatIndex.put(`f${index}`, `s${index % 500}`, templates.get(`f${index}`)!);
      }
      const all = new BestSubjects(50);
      for (const [faceId, template] of templates) {
        const subjectId = `s${Number(faceId.slice(1)) % 500}`;
        all.offer({ faceId, subjectId, similarity: cosineSimilarity(probe, template) });
      }
      expect(flatIndex.search(probe, 50)).toEqual(all.candidates);
    }
  });

  it('answers as comparing all does for vectors that whole numbers render worst', () => {
    // One number that dwarfs the others, which are all less than half a step; of both signs, so that errors add up.
    const worst = (sign: number, rest: number) =>
      Float32Array.from({ length: 512 }, (_, at) => (at === 0 ? 1 : sign * rest));
    const flatIndex = new FlatIndex(512);
    const rests = Array.from({ length: 300 }, (_, index) => (index + 1) / 300 / 254);
    const templates = rests.flatMap((rest) => [worst(1, rest), worst(-1, rest)]);
    templates.forEach((template, index) => {
      flatIndex.put(`f${index}`, `s${index}`, template);
    });
    for (const probe of [worst(1, 0.0039), worst(-1, 0.0001), worst(1, 1)]) {
      const all = new BestSubjects(20);
      templates.forEach((template, index) => {
        const similarity = cosineSimilarity(probe, template);
        all.offer({ faceId: `f${index}`, subjectId: `s${index}`, similarity });
      });
      expect(flatIndex.search(probe, 20)).toEqual(all.candidates);
    }
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

/** Numbers from -1 to 1, the same ones each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}
