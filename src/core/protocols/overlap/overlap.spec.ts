import { describe, expect, it } from 'vitest';

import { shareAbove, thresholdAtFalseAlarmRate } from './false-alarms.js';
import { TemplateSums, type Templates } from '../../verification/identity-templates.js';
import { nearestAmong, nearestOthers, similaritiesOfSame } from './nearest-templates.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);

/** @param rows unit vectors in the plane */
function templatesOf(rows: readonly (readonly [number, number])[], identities = rows.keys()): Templates {
  return { identities: Int32Array.from(identities), rows: Float32Array.from(rows.flat()), dimension: 2 };
}

describe('templates', () => {
  it('are the directions of the sums of unit embeddings, whatever their lengths', () => {
    const sums = new TemplateSums(2, 2);
    sums.add(vector(5, 0), 0);
    sums.add(vector(0, 0.1), 0);
    sums.add(vector(0.6, 0.8), 1);
    const { identities, rows } = sums.templates();
    expect([...identities]).toEqual([0, 1]);
    const expected = [Math.SQRT1_2, Math.SQRT1_2, 0.6, 0.8];
    for (const [index, value] of expected.entries()) expect(rows[index]).toBeCloseTo(value, 6);
  });

  it('are missing where there is no face or faces cancel each other out', () => {
    const sums = new TemplateSums(2, 3);
    sums.add(vector(1, 0), 0);
    sums.add(vector(-2, 0), 0);
    sums.add(vector(0, 3), 2);
    const { identities, rows } = sums.templates();
    expect([...identities]).toEqual([2]);
    expect([...rows]).toEqual([0, 1]);
  });

  it('refuse embeddings of another size or without direction', () => {
    const sums = new TemplateSums(2, 1);
    expect(() => {
      sums.add(vector(1, 0, 0), 0);
    }).toThrow('3 numbers');
    expect(() => {
      sums.add(vector(0, 0), 0);
    }).toThrow(RangeError);
  });
});

describe('nearest templates', () => {
  const east = [1, 0] as const;
  const north = [0, 1] as const;
  const northEast = [0.6, 0.8] as const;
  const west = [-1, 0] as const;

  it('are sought among all of the other set', () => {
    const nearest = nearestAmong(templatesOf([east, west]), templatesOf([north, northEast]));
    expect(nearest[0]).toBeCloseTo(0.6, 6);
    expect(nearest[1]).toBeCloseTo(0, 6);
  });

  it('of one set are never the template itself', () => {
    const nearest = nearestOthers(templatesOf([east, north, northEast]));
    const expected = [0.6, 0.8, 0.8];
    for (const [row, similarity] of expected.entries()) expect(nearest[row]).toBeCloseTo(similarity, 6);
  });

  it('are the same where there are more rows than are compared at a time', () => {
    const angles = Array.from({ length: 150 }, (_, index) => (index / 150) * Math.PI);
    const fan = templatesOf(angles.map((angle) => [Math.cos(angle), Math.sin(angle)] as const));
    for (const similarity of nearestOthers(fan)) expect(similarity).toBeCloseTo(Math.cos(Math.PI / 150), 6);
  });

  it('are -Infinity where there is none, and of different sizes no templates', () => {
    expect([...nearestOthers(templatesOf([east]))]).toEqual([-Infinity]);
    expect(() => nearestAmong(templatesOf([east]), { ...templatesOf([]), dimension: 3 })).toThrow(RangeError);
  });

  it('are compared by identity where both sets have it', () => {
    const first = templatesOf([east, north], [4, 7].values());
    const second = templatesOf([west, northEast], [5, 7].values());
    const [same, ...more] = similaritiesOfSame(first, second);
    expect(same).toBeCloseTo(0.8, 6);
    expect(more).toEqual([]);
  });
});

describe('the threshold at a false-alarm rate', () => {
  const nearest = Float64Array.of(0.5, 0.1, 0.4, 0.2, 0.3);

  it('leaves at most that share above it', () => {
    expect(thresholdAtFalseAlarmRate(nearest, 0.2)).toBe(0.4);
    expect(thresholdAtFalseAlarmRate(nearest, 0.39)).toBe(0.4);
    expect(thresholdAtFalseAlarmRate(nearest, 0.4)).toBe(0.3);
    expect(shareAbove(nearest, 0.3)).toBe(0.4);
  });

  it('counts similarities that equal it as not above', () => {
    const ties = Float64Array.of(0.5, 0.5, 0.5, 0.1);
    expect(thresholdAtFalseAlarmRate(ties, 0.25)).toBe(0.5);
    expect(shareAbove(ties, 0.5)).toBe(0);
  });

  it('is exact where the product of rate and count is rounded down', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, index) => index);
    expect(shareAbove(hundred, thresholdAtFalseAlarmRate(hundred, 0.29))).toBe(0.29);
  });

  it('is refused where too few identities could tell the rate', () => {
    expect(() => thresholdAtFalseAlarmRate(nearest, 0.01)).toThrow('needs 100 identities or more, not 5');
    expect(shareAbove(new Float64Array(), 0)).toBeUndefined();
  });
});
