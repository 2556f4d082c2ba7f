import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { evaluateFaceLoss, type FaceLossCase } from '../../../test/support/face-loss-cases.js';
import { centralDifferences, float64Loss, type Rows } from '../../../test/support/float64-face-losses.js';
import {
  createFaceLoss,
  FACE_LOSSES,
  type FaceLossHyperparameters,
  type FaceLossName,
} from './face-losses.js';

/**
 * A cosine in 32-bit floats is off by some 3 · 2^-24, a logit by s = 64 times that, times the slope of the loss's
 * function of the cosine: up to cos m + sin m cot θ = 1.7 for m = 0.5 and an angle of 30° or more. Probabilities and
 * gradients are off by as much, relative to their size. The gradient of a wrong sample is of magnitude s here: an
 * element below 1 is compared absolutely.
 */
const TOLERANCE = 64 * 3 * 2 ** -24 * 1.7;
/** CurricularFace's hard negatives cos θ (t + cos θ) have a slope of up to 3. */
const CURRICULAR_TOLERANCE = 64 * 3 * 2 ** -24 * 3;
const SMALLEST_SINE = 0.5;

const CONFIGURATIONS: readonly [FaceLossName, FaceLossHyperparameters, Record<string, number>][] = [
  ['softmax', {}, {}],
  ['normface', {}, {}],
  ['cosface', {}, {}],
  ['arcface', {}, {}],
  ['arcface', { scale: 16, marginRadians: 1.2 }, {}],
  ['sphereface', {}, { steps: 0 }],
  ['sphereface', { scale: 16, initialAnnealing: 0, finalAnnealing: 0 }, { steps: 7 }],
  ['sphereface', { angleFactor: 2 }, { steps: 1e6 }],
  ['adaface', {}, { meanNorm: 20, normDeviation: 100 }],
  ['adaface', { statisticsRate: 0.5 }, { meanNorm: 2, normDeviation: 0.2 }],
  ['curricularface', {}, { meanTargetCosine: 0 }],
  ['curricularface', { scale: 16, marginRadians: 0.3 }, { meanTargetCosine: 0.6 }],
];

/**
 * Rows of 32-bit floats from -2 to 2, each of length above 0.5. They are a jumble of the seed and the salt, so that no
 * two vectors are parallel, not even for the seeds that fast-check likes best: there the functions have kinks.
 */
function rowsOf(seed: number, salt: number, height: number, width: number): number[][] {
  const element = (index: number): number => {
    const jumbled = Math.sin(seed * 12.9898 + index * 78.233 + salt) * 43758.5453;
    return Math.fround(4 * (jumbled - Math.floor(jumbled)) - 2);
  };
  return Array.from({ length: height }, (_, row) => {
    const values = Array.from({ length: width }, (_, column) => element(row * width + column));
    return Math.hypot(...values) > 0.5 ? values : values.map((value) => value + 1);
  });
}

const transposed = (rows: Rows): number[][] => rows[0]!.map((_, column) => rows.map((row) => row[column]!));

const anyCase: fc.Arbitrary<FaceLossCase> = fc
  .record({
    samples: fc.integer({ min: 1, max: 4 }),
    dimension: fc.integer({ min: 2, max: 6 }),
    classes: fc.integer({ min: 2, max: 5 }),
  })
  .chain(({ samples, dimension, classes }) => {
    const list = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: samples, maxLength: samples });
    return fc.record({
      embeddings: fc.nat({ max: 9999 }).map((seed) => rowsOf(seed, 0.1, samples, dimension)),
      // A column of length above 0.5 for each class.
      weight: fc.nat({ max: 9999 }).map((seed) => transposed(rowsOf(seed, 0.7, classes, dimension))),
      labels: list(fc.nat({ max: classes - 1 })),
      // The first sample is never padding.
      sampleMask: list(fc.nat({ max: 1 })).map((mask) => mask.with(0, 1)),
    });
  })
  .filter((operands) => operands.labels.every((_, row) => sineToOwnClass(operands, row) > SMALLEST_SINE));

/** |sin θ_y| of a sample. */
function sineToOwnClass({ embeddings, weight, labels }: FaceLossCase, row: number): number {
  const embedding = embeddings[row]!;
  const centre = weight.map((elements) => elements[labels[row]!]!);
  const product = embedding.reduce((sum, value, index) => sum + value * centre[index]!, 0);
  const cosine = product / (Math.hypot(...embedding) * Math.hypot(...centre));
  return Math.sqrt(1 - cosine * cosine);
}

function expectGradient(actual: Rows, expected: Rows, tolerance: number): void {
  const wanted = expected.flat();
  const allowed = tolerance * Math.max(1, ...wanted.map(Math.abs));
  actual.flat().forEach((value, index) => {
    expect(Math.abs(value - wanted[index]!)).toBeLessThan(allowed);
  });
}

describe('gradients of the face losses', () => {
  it.each(CONFIGURATIONS)('%s %j: as finite differences in 64 bits give them', (name, given, state) => {
    const faceLoss = createFaceLoss(name, given);
    const tolerance = name === 'curricularface' ? CURRICULAR_TOLERANCE : TOLERANCE;
    const parameters: FaceLossHyperparameters = { ...FACE_LOSSES[name].defaults, ...given };
    fc.assert(
      fc.property(anyCase, (drawn) => {
        const operands = { ...drawn, state };
        const reference = float64Loss(name, parameters, operands);
        const { embeddings, weight } = operands;
        const actual = evaluateFaceLoss(faceLoss, operands);
        const value = reference(embeddings, weight);
        expect(Math.abs(actual.loss - value)).toBeLessThan(tolerance * Math.max(1, value));
        const byEmbeddings = centralDifferences((x) => reference(x, weight), embeddings);
        const byWeight = centralDifferences((w) => reference(embeddings, w), weight);
        expectGradient(actual.embeddingGradient, byEmbeddings, tolerance);
        expectGradient(actual.weightGradient, byWeight, tolerance);
      }),
      { numRuns: 40 },
    );
  });
});
