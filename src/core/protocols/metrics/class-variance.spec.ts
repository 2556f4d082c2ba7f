import { describe, expect, it } from 'vitest';
import { classVariance } from './class-variance.js';

describe('classVariance', () => {
  it('agrees with a case by hand', () => {
    // Class a: (1, 0), (0, 1), mean (0.5, 0.5). Class b: (-1, 0), mean itself. Mean of means (-0.25, 0.25).
    const embeddings = [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(-1, 0)];
    const { interClass, intraClass } = classVariance(embeddings, ['a', 'a', 'b']);
    // Both means are (0.75, 0.25) away from it: 0.625.
    expect(interClass).toBeCloseTo(0.625, 12);
    // (0.5 + 0.5 + 0) / 3.
    expect(intraClass).toBeCloseTo(1 / 3, 12);
  });

  it('needs embeddings, and one class for each', () => {
    expect(() => classVariance([], [])).toThrow(RangeError);
    expect(() => classVariance([Float32Array.of(1)], [])).toThrow(RangeError);
  });
});
