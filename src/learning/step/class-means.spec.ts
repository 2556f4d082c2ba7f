import { describe, expect, it } from 'vitest';

import { TemplateSums } from '../../core/verification/identity-templates.js';
import { headOfTemplates } from './class-means.js';

const drawn = { shape: [2, 3], values: Float32Array.of(9, 9, 0.5, 9, 9, -0.5) };

describe('headOfTemplates', () => {
  it('gives each class the direction of its mean unit embedding, whatever the embeddings’ lengths', () => {
    const means = new TemplateSums(2, 3);
    means.add(Float32Array.of(10, 0), 0);
    means.add(Float32Array.of(0, 0.1), 0);
    means.add(Float32Array.of(-3, 0), 1);
    const { shape, values } = headOfTemplates(means.templates(), drawn);
    expect(shape).toEqual([2, 3]);
    const diagonal = Math.SQRT1_2;
    // Of the third class no face was seen.
    const expected = [diagonal, -1, 0.5, diagonal, 0, -0.5];
    expect([...values].map((value, index) => Math.abs(value - expected[index]!) < 1e-6)).toEqual(
      expected.map(() => true),
    );
  });

  it('leaves a class as drawn whose embeddings cancel out', () => {
    const means = new TemplateSums(2, 3);
    means.add(Float32Array.of(1, 0), 2);
    means.add(Float32Array.of(-1, 0), 2);
    expect(headOfTemplates(means.templates(), drawn)).toEqual(drawn);
  });

  it.each([
    [Float32Array.of(1, Number.NaN)],
    [Float32Array.of(0, 0)],
    [Float32Array.of(1)],
    [Float32Array.of(1, Infinity)],
  ])('refuses %s', (embedding) => {
    expect(() => {
      new TemplateSums(2, 3).add(embedding, 0);
    }).toThrow(RangeError);
  });
});
