import { describe, expect, it } from 'vitest';

import { standardNormal, uniformGenerator } from '../random/seeded-random.js';
import { cosineTransform } from './cosine-transform.js';

describe('cosineTransform', () => {
  it('is the sum that defines it, for images that are not square too', () => {
    const [width, height] = [4, 3];
    const values = Float32Array.from([5, -2, 7, 1, 0, 3, 3, 9, -4, 6, 2, 8]);
    const expected = Array.from({ length: width * height }, (_, index) => {
      const [u, v] = [index % width, Math.floor(index / width)];
      let sum = 0;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          sum +=
            values[y * width + x]! *
            Math.cos((Math.PI * (2 * x + 1) * u) / (2 * width)) *
            Math.cos((Math.PI * (2 * y + 1) * v) / (2 * height));
      return sum * Math.sqrt((u === 0 ? 1 : 2) / width) * Math.sqrt((v === 0 ? 1 : 2) / height);
    });
    const coefficients = cosineTransform(values, width);
    for (const [index, value] of expected.entries()) expect(coefficients[index]).toBeCloseTo(value, 4);
  });

  it('keeps the sum of squares', () => {
    const uniform = uniformGenerator(3);
    const noise = Float32Array.from({ length: 32 * 24 }, () => standardNormal(uniform));
    const squares = (numbers: Float32Array) => numbers.reduce((sum, number) => sum + number ** 2, 0);
    expect(squares(cosineTransform(noise, 32))).toBeCloseTo(squares(noise), 1);
  });
});
