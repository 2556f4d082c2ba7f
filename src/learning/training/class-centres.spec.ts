import { describe, expect, it } from 'vitest';

import { ClassCentres } from './class-centres.js';

/** [2, 2] */
const IDENTITY = Float32Array.of(1, 0, 0, 1);

/** Class 0 twice, class 1 once, class 2 never. */
function someCentres(): ClassCentres {
  const centres = new ClassCentres(2, 3);
  centres.add(Float32Array.of(10, 1), 0);
  centres.add(Float32Array.of(10, 3), 0);
  centres.add(Float32Array.of(4, 10), 1);
  return centres;
}

describe('class centres', () => {
  it('have their middle where each class weighs the same', () => {
    // Means are (10, 2) and (4, 10).
    expect([...someCentres().middle()]).toEqual([7, 6]);
  });

  it('make class weights of the directions from there; a class without a face keeps its own', () => {
    const drawn = { shape: [2, 3], values: Float32Array.of(9, 9, 0.5, 9, 9, 0.25) };
    const { shape, values } = someCentres().head(IDENTITY, drawn, 1);
    expect(shape).toEqual([2, 3]);
    // (3, -4) / 5 and (-3, 4) / 5, column by column.
    const expected = [0.6, -0.6, 0.5, -0.8, 0.8, 0.25];
    for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index]!, 6);
  });

  it('can be moved a part of the way only', () => {
    const drawn = { shape: [2, 3], values: new Float32Array(6) };
    const { values } = someCentres().head(IDENTITY, drawn, 0.5);
    // (10, 2) - (3.5, 3) and (4, 10) - (3.5, 3).
    expect(values[0]! / values[3]!).toBeCloseTo(6.5 / -1, 4);
    expect(values[1]! / values[4]!).toBeCloseTo(0.5 / 7, 5);
  });

  it('are directions behind the matrix', () => {
    // (3, -4) and (-3, 4) times a matrix of three columns.
    const matrix = Float32Array.of(1, 0, 2, 0, 1, 1);
    const drawn = { shape: [3, 3], values: new Float32Array(9) };
    const { values } = someCentres().head(matrix, drawn, 1);
    const length = Math.hypot(3, -4, 2);
    const columns = [0, 1].map((label) => [0, 1, 2].map((row) => values[row * 3 + label]! * length));
    for (const [index, value] of [3, -4, 2].entries()) {
      expect(columns[0]![index]).toBeCloseTo(value, 5);
      expect(columns[1]![index]).toBeCloseTo(-value, 5);
    }
  });

  it('keeps what was drawn for the only class, which is the middle itself', () => {
    const centres = new ClassCentres(2, 1);
    centres.add(Float32Array.of(3, 4), 0);
    expect([...centres.head(IDENTITY, { shape: [2, 1], values: Float32Array.of(1, 2) }, 1).values]).toEqual([
      1, 2,
    ]);
  });

  it('refuses numbers that are not finite', () => {
    expect(() => {
      new ClassCentres(2, 1).add(Float32Array.of(Number.NaN, 1), 0);
    }).toThrow(RangeError);
  });
});
