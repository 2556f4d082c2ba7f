import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { DefinedFaceLoss } from '../../src/learning/losses/define-face-loss.js';
import type { HyperparameterValues } from '../../src/learning/losses/hyperparameter.js';
import { expectCompiledAsEager } from './compiled-face-loss.js';
import { evaluateFaceLoss, type FaceLossCase } from './face-loss-cases.js';
import { centralDifferences, type Float64Reference, type Rows } from './float64-losses.js';

/**
 * A cosine in 32-bit floats is off by some 3 · 2^-24, a logit by s = 64 times that, times the slope of the loss's
 * function of the cosine: up to cos m + sin m cot θ = 1.7 for m = 0.5 and an angle of 30° or more. Probabilities and
 * gradients are off by as much, relative to their size. The gradient of a wrong sample is of magnitude s here: an
 * element below 1 is compared absolutely.
 */
const SLOPE = 1.7;
const LOGIT_ERROR = 64 * 3 * 2 ** -24;
const SMALLEST_SINE = 0.5;

/** Hyperparameters other than the defaults, and what is before the step, where it is not the first. */
export interface LossSetting {
  readonly hyperparameters?: HyperparameterValues;
  readonly state?: Readonly<Record<string, number>>;
  /** What the loss trains beside the class weights, where it is not 0. */
  readonly scalars?: Readonly<Record<string, number>>;
}

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

/**
 * What every face loss must be: its values and gradients are those of a reference in 64 bits, and compiled to ONNX it
 * computes the same, statistics included. What holds for all of them without a reference, such as finite values for
 * degenerate embeddings, is tested for the whole catalogue.
 *
 * @param settings each is tested
 * @param slope the steepest of the loss's function of a cosine, where it is not an angular margin's
 */
export function describeFaceLoss(
  loss: DefinedFaceLoss,
  reference: Float64Reference,
  settings: readonly LossSetting[],
  slope = SLOPE,
): void {
  const { name, hyperparameters: described } = loss.description;
  const defaults = Object.fromEntries(
    Object.entries(described).map(([key, { default: value }]) => [key, value]),
  );
  const tolerance = LOGIT_ERROR * slope;
  describe.each(settings)(`${name} %j`, ({ hyperparameters = {}, state, scalars = {} }) => {
    const faceLoss = loss(hyperparameters);

    it('has the value and the gradients that finite differences in 64 bits give', () => {
      const parameters = { ...defaults, ...hyperparameters };
      fc.assert(
        fc.property(anyCase, (drawn) => {
          const operands = { ...drawn, scalars, state: state ?? faceLoss.initialState };
          const inDoubles = reference(operands, parameters);
          const { scalars: trained } = operands;
          const { embeddings, weight } = operands;
          const actual = evaluateFaceLoss(faceLoss, operands);
          const value = inDoubles(embeddings, weight, trained);
          expect(Math.abs(actual.loss - value)).toBeLessThan(tolerance * Math.max(1, value));
          const byEmbeddings = centralDifferences((x) => inDoubles(x, weight, trained), embeddings);
          const byWeight = centralDifferences((w) => inDoubles(embeddings, w, trained), weight);
          expectGradient(actual.embeddingGradient, byEmbeddings, tolerance);
          expectGradient(actual.weightGradient, byWeight, tolerance);
          for (const name of faceLoss.scalars ?? []) {
            const moved = (to: Rows) => inDoubles(embeddings, weight, { ...trained, [name]: to[0]![0]! });
            const byScalar = centralDifferences(moved, [[trained[name] ?? 0]]);
            expectGradient([[actual.scalarGradients[name]!]], byScalar, tolerance);
          }
        }),
        { numRuns: 40 },
      );
    });

    it('computes the same compiled to ONNX', async () => {
      await expectCompiledAsEager(faceLoss, {});
    });
  });
}
