import { describe, expect, it } from 'vitest';

import type { TrainingStep } from '../../learning/training/training-step.js';
import { outputName, SteppedArrays } from './stepped-arrays.js';

const STEP: TrainingStep = {
  inputs: [
    { name: 'images', shape: [2], dtype: 'float32' },
    { name: 'filter', shape: [2], dtype: 'float32' },
    { name: 'mean', shape: [1], dtype: 'float32' },
  ],
  figures: ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm'],
  outputs: ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm', 'filter'],
  run: () => [],
};

function write(arrays: SteppedArrays, name: string, values: readonly number[]): void {
  (arrays.next[outputName(name)]?.data as Float32Array).set(values);
}

describe('SteppedArrays', () => {
  it('keep what was before a step until it is taken over', () => {
    const arrays = new SteppedArrays(
      new Map([
        ['filter', Float32Array.of(1, 2)],
        ['mean', Float32Array.of(5)],
      ]),
      STEP,
    );
    write(arrays, 'loss', [9]);
    write(arrays, 'filter', [3, 4]);
    expect(arrays.figures()[0]).toBe(9);
    expect([...(arrays.values().get('filter') ?? [])]).toEqual([1, 2]);
    arrays.advance();
    expect([...(arrays.values().get('filter') ?? [])]).toEqual([3, 4]);
    expect([...(arrays.values().get('mean') ?? [])]).toEqual([5]);
  });

  it('take turns, and leave alone the arrays that they were given', () => {
    const given = Float32Array.of(1, 2);
    const arrays = new SteppedArrays(new Map([['filter', given]]), STEP);
    const seen = [0, 1, 2].map((step) => {
      const buffer = arrays.current['filter']?.data;
      write(arrays, 'filter', [step, step]);
      arrays.advance();
      return buffer;
    });
    expect(seen[2]).toBe(seen[0]);
    expect(seen[1]).not.toBe(seen[0]);
    expect([...given]).toEqual([1, 2]);
  });
});
