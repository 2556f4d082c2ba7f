import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, l2Norm, l2Normalise } from './similarity.js';

const component = fc.float({ min: -100, max: 100, noNaN: true });
const anyVector = fc
  .float32Array({ minLength: 8, maxLength: 8, min: -100, max: 100, noNaN: true })
  .filter((vector) => l2Norm(vector) > 1e-3);
const undirected = [
  ['zero', new Float32Array(3)],
  ['empty', new Float32Array()],
  ['NaN', Float32Array.of(1, Number.NaN, 0)],
  ['infinite', Float32Array.of(1, Number.POSITIVE_INFINITY, 0)],
] as const;

describe('l2Norm and l2Normalise', () => {
  it('are computed by hand for 3, 4', () => {
    expect(l2Norm(Float32Array.of(3, -4))).toBe(5);
    expect(l2Normalise(Float32Array.of(3, -4))).toEqual(Float32Array.of(0.6, -0.8));
  });

  it('gives unit length and leaves the argument alone', () => {
    fc.assert(
      fc.property(anyVector, (vector) => {
        const before = vector.slice();
        expect(l2Norm(l2Normalise(vector))).toBeCloseTo(1, 5);
        expect(vector).toEqual(before);
      }),
    );
  });

  it.each(undirected)('rejects a vector that is %s', (_, vector) => {
    expect(() => l2Normalise(vector)).toThrow(RangeError);
  });
});

describe('cosineSimilarity', () => {
  it.each([
    [[1, 0], [5, 0], 1],
    [[1, 0], [0, 3], 0],
    [[2, 2], [-1, -1], -1],
    [[3, 4], [4, 3], 24 / 25],
  ])('of %j and %j is %d', (a, b, expected) => {
    expect(cosineSimilarity(Float32Array.from(a), Float32Array.from(b))).toBeCloseTo(expected, 12);
  });

  it('is symmetric, within [-1, 1], and knows no length', () => {
    fc.assert(
      fc.property(anyVector, anyVector, component, (a, b, factor) => {
        fc.pre(factor > 0.01);
        const similarity = cosineSimilarity(a, b);
        expect(Math.abs(similarity)).toBeLessThanOrEqual(1);
        expect(cosineSimilarity(b, a)).toBeCloseTo(similarity, 12);
        expect(
          cosineSimilarity(
            a,
            b.map((value) => value * factor),
          ),
        ).toBeCloseTo(similarity, 4);
      }),
    );
  });

  it('holds rounding to 1', () => {
    fc.assert(
      fc.property(anyVector, (vector) => {
        const similarity = cosineSimilarity(vector, vector);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(similarity).toBeCloseTo(1, 9);
      }),
    );
  });

  it('rejects dimensions that differ', () => {
    expect(() => cosineSimilarity(Float32Array.of(1, 2), Float32Array.of(1, 2, 3))).toThrow(/2 and 3/);
  });

  it.each(undirected)('rejects a vector that is %s', (_, vector) => {
    expect(() => cosineSimilarity(vector, vector)).toThrow(RangeError);
  });
});
