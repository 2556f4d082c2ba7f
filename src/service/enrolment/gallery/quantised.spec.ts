import fc from 'fast-check';
import { expect, it } from 'vitest';
import { l2Norm } from '../../../core/verification/similarity.js';
import { quantise } from './quantised.js';

it('is never further from the direction than it says', () => {
  const value = fc.float({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(7, 127, 32_767),
      (values, levels) => {
        const vector = Float32Array.from(values);
        const numbers = new Int16Array(values.length);
        const { scale, error } = quantise(vector, levels, numbers);
        if (error === Infinity) return;
        const norm = l2Norm(vector);
        const left = Array.from(vector, (each, index) => each / norm - scale * (numbers[index] ?? 0));
        expect(Math.hypot(...left)).toBeLessThanOrEqual(Math.fround(error));
        expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(levels);
      },
    ),
  );
});

it.each([[[0, 0, 0]], [[Number.NaN, 1]], [[Infinity, 1]]])('cannot tell the direction of %s', (values) => {
  const numbers = new Int8Array(3).fill(5);
  expect(quantise(Float32Array.from(values), 127, numbers).error).toBe(Infinity);
});
