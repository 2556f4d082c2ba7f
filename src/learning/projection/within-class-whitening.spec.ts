import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../core/random/seeded-random.js';
import { fitWithinClassWhitening, projected } from './within-class-whitening.js';

describe('fitWithinClassWhitening', () => {
  it('divides by the deviation within persons, and by the mean of all', () => {
    // Person 0 at (1, ±0.2), person 1 at (-0.6, ±0.2): nothing varies along x, 4·0.04/2 = 0.08 along y, the mean is (0.2, 0). With
    // λ = 1 the mean variance 0.04 is added: S = diag(0.04 + 0.04, 0.08 + 0.04), S^(-1/2) = diag(3.535534, 2.886751).
    const embeddings = Float32Array.of(1, 0.2, 1, -0.2, -0.6, 0.2, -0.6, -0.2);
    const { matrix } = fitWithinClassWhitening(embeddings, [0, 0, 1, 1], { shrinkage: 1 });
    // Lengths √(3.535534² + 0.57735²) = 3.582364 and √(2.12132² + 0.57735²) = 2.198484, 2.890424 in the mean, which g makes 1.
    expect(matrix[0]).toBeCloseTo(3.535534 / 2.890424, 5);
    expect(matrix[3]).toBeCloseTo(2.886751 / 2.890424, 5);
    expect(matrix[1]).toBeCloseTo(0, 6);
    expect(matrix[2]).toBeCloseTo(0, 6);
  });

  it('makes what varies within persons alike in every direction', () => {
    const dimension = 4;
    const { embeddings, labels } = centred(persons(60, 8, dimension), dimension);
    const projection = fitWithinClassWhitening(embeddings, labels, { shrinkage: 0 });
    const covariance = withinCovariance(projected(embeddings, projection), labels, dimension);
    const variance = covariance[0]?.[0] ?? Number.NaN;
    for (const [row, values] of covariance.entries())
      for (const [column, value] of values.entries())
        expect(value / variance).toBeCloseTo(row === column ? 1 : 0, 4);
  });

  it('leaves the mean length of unit embeddings 1', () => {
    const { embeddings, labels } = persons(30, 5, 8);
    const after = projected(embeddings, fitWithinClassWhitening(embeddings, labels, { shrinkage: 3 }));
    const lengths = labels.map((_, row) => Math.hypot(...after.subarray(row * 8, (row + 1) * 8)));
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeCloseTo(1, 5);
  });

  it('refuses persons with one face each, and a singular covariance', () => {
    expect(() => fitWithinClassWhitening(Float32Array.of(1, 0, 0, 1), [0, 1], { shrinkage: 1 })).toThrow(
      'persons with two faces',
    );
    const flat = Float32Array.of(1, 0.2, 1, -0.2, -1, 0.2, -1, -0.2);
    expect(() => fitWithinClassWhitening(flat, [0, 0, 1, 1], { shrinkage: 0 })).toThrow('singular');
  });
});

/** Unit embeddings that vary most along their first axes. */
function persons(
  personCount: number,
  facesOfEach: number,
  dimension: number,
): { readonly embeddings: Float32Array; readonly labels: readonly number[] } {
  const uniform = uniformGenerator(7);
  const rows: number[][] = [];
  const labels: number[] = [];
  for (let person = 0; person < personCount; person++) {
    const centre = Array.from({ length: dimension }, () => spread(uniform));
    for (let face = 0; face < facesOfEach; face++) {
      const values = centre.map((value, axis) => value + (0.6 / (1 + axis)) * spread(uniform));
      const length = Math.hypot(...values);
      rows.push(values.map((value) => value / length));
      labels.push(person);
    }
  }
  return { embeddings: Float32Array.from(rows.flat()), labels };
}

/** Less their mean, so that it adds nothing. */
function centred(
  { embeddings, labels }: ReturnType<typeof persons>,
  dimension: number,
): ReturnType<typeof persons> {
  const mean = new Float64Array(dimension);
  for (const [index, value] of embeddings.entries())
    mean[index % dimension] = (mean[index % dimension] ?? 0) + value / labels.length;
  return { embeddings: embeddings.map((value, index) => value - (mean[index % dimension] ?? 0)), labels };
}

/** A number around 0. */
function spread(uniform: () => number): number {
  return uniform() + uniform() + uniform() - 1.5;
}

/** In plain numbers, without a function of what is tested. */
function withinCovariance(
  embeddings: Float32Array,
  labels: readonly number[],
  dimension: number,
): readonly (readonly number[])[] {
  const row = (face: number): readonly number[] => [
    ...embeddings.subarray(face * dimension, (face + 1) * dimension),
  ];
  const people = [...new Set(labels)];
  const deviations = people.flatMap((person) => {
    const faces = labels.flatMap((label, face) => (label === person ? [row(face)] : []));
    const centre = Array.from(
      { length: dimension },
      (_, axis) => faces.reduce((sum, face) => sum + (face[axis] ?? 0), 0) / faces.length,
    );
    return faces.map((face) => face.map((value, axis) => value - (centre[axis] ?? 0)));
  });
  return Array.from({ length: dimension }, (_, a) =>
    Array.from(
      { length: dimension },
      (__, b) =>
        deviations.reduce((sum, deviation) => sum + (deviation[a] ?? 0) * (deviation[b] ?? 0), 0) /
        (labels.length - people.length),
    ),
  );
}
