import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { createFaceLoss, type FaceLossName } from '../../src/learning/losses/face-losses.js';
import { symFaceLoss } from '../../src/learning/losses/sym-face.js';
import { createSymmetryTerm } from '../../src/learning/losses/symmetry-terms.js';
import { batchOf, evaluateFaceLoss, stateOf } from '../support/face-loss-cases.js';

/**
 * Ours are 32-bit floats, the golden ones 64-bit. A cosine is off by some 3 · 2^-24 = 1.8e-7, so a logit at s = 64 by
 * 1.1e-5; probabilities, and with them gradients, are off by as much of their own size, values by that much.
 */
const GRADIENT_TOLERANCE = 2e-5;
const VALUE_TOLERANCE = 1.2e-5;
/** Statistics are means of numbers, each rounded once or twice. */
const STATISTIC_TOLERANCE = 1e-6;

type Rows = number[][];

interface Golden {
  readonly batches: readonly {
    readonly weight: Rows;
    readonly labels: number[];
    readonly sampleMask: number[];
    readonly embeddings: readonly Rows[];
  }[];
  readonly runs: readonly {
    readonly name: FaceLossName;
    readonly options: Readonly<Record<string, number>>;
    readonly batch: number;
    /** What the loss trains beside the class weights. */
    readonly scalars?: Readonly<Record<string, number>>;
    readonly steps: readonly {
      readonly scalarGradients?: Readonly<Record<string, number>>;
      readonly loss: number;
      readonly embeddingGradient: Rows;
      readonly weightGradient: Rows;
      readonly state: Readonly<Record<string, number>>;
    }[];
  }[];
  readonly symmetry: {
    readonly left: Rows;
    readonly right: Rows;
    readonly rho: number[];
    readonly results: readonly {
      readonly compare: 'raw' | 'unit';
      readonly loss: number;
      readonly leftGradient: Rows;
      readonly rightGradient: Rows;
    }[];
  };
  readonly total: {
    readonly batch: number;
    readonly rho: number[];
    readonly results: readonly {
      readonly name: FaceLossName;
      readonly loss: number;
      readonly embeddingGradient: Rows;
      readonly weightGradient: Rows;
    }[];
  };
}

const golden = JSON.parse(
  readFileSync(new URL('golden/face-losses.json', import.meta.url), 'utf8'),
) as Golden;

/** The largest difference of two gradients, relative to the largest element. */
function gradientDifference(actual: Rows, expected: Rows): number {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const largest = Math.max(...expected.flat().map(Math.abs));
  return (
    Math.max(...actual.flat().map((value, index) => Math.abs(value - expected.flat()[index]!))) / largest
  );
}

/** The difference of two values, relative to one above 1, absolute below. */
function valueDifference(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
}

describe('the face losses, against the implementation in PyTorch', () => {
  const runs = golden.runs.map((run) => [`${run.name} ${JSON.stringify(run.options)}`, run] as const);

  it.each(runs)('%s: values, gradients and statistics of every step', (_, run) => {
    const { embeddings, ...operands } = golden.batches[run.batch]!;
    const faceLoss = createFaceLoss(run.name, run.options);
    let state = faceLoss.initialState;
    run.steps.forEach((expected, index) => {
      const { scalars = {} } = run;
      const given = { ...operands, scalars, embeddings: embeddings[index]!, state };
      const actual = evaluateFaceLoss(faceLoss, given);
      expect(valueDifference(actual.loss, expected.loss)).toBeLessThan(VALUE_TOLERANCE);
      expect(gradientDifference(actual.embeddingGradient, expected.embeddingGradient)).toBeLessThan(
        GRADIENT_TOLERANCE,
      );
      expect(gradientDifference(actual.weightGradient, expected.weightGradient)).toBeLessThan(
        GRADIENT_TOLERANCE,
      );
      for (const [name, value] of Object.entries(expected.scalarGradients ?? {})) {
        expect(valueDifference(actual.scalarGradients[name]!, value), name).toBeLessThan(GRADIENT_TOLERANCE);
      }
      expect(Object.keys(actual.state)).toEqual(Object.keys(expected.state));
      for (const [name, value] of Object.entries(expected.state)) {
        expect(valueDifference(actual.state[name]!, value), name).toBeLessThan(STATISTIC_TOLERANCE);
      }
      state = actual.state;
    });
  });

  it.each(golden.symmetry.results)('the symmetry term of $compare embeddings', (expected) => {
    const { left, right, rho } = golden.symmetry;
    const term = createSymmetryTerm(expected.compare);
    const { value, grads } = tf.valueAndGrads((a, b) =>
      term.compute({ left: a as tf.Tensor2D, right: b as tf.Tensor2D, weights: tf.tensor1d(rho) }),
    )([tf.tensor2d(left), tf.tensor2d(right)]);
    expect(valueDifference(value.dataSync()[0]!, expected.loss)).toBeLessThan(STATISTIC_TOLERANCE);
    const gradients = grads.map((gradient) => gradient.arraySync() as Rows);
    expect(gradientDifference(gradients[0]!, expected.leftGradient)).toBeLessThan(STATISTIC_TOLERANCE);
    expect(gradientDifference(gradients[1]!, expected.rightGradient)).toBeLessThan(STATISTIC_TOLERANCE);
  });

  it.each(golden.total.results)('$name and the symmetry term together', (expected) => {
    const { embeddings, ...operands } = golden.batches[golden.total.batch]!;
    const faceLoss = createFaceLoss(expected.name);
    const batch = batchOf({ ...operands, embeddings: embeddings[0]! });
    const rho = tf.tensor1d(golden.total.rho);
    const { value, grads } = tf.valueAndGrads((x, w) => {
      const operandsOfStep = { ...batch(x as tf.Tensor2D, w as tf.Tensor2D), rho };
      return symFaceLoss(faceLoss, operandsOfStep, stateOf(faceLoss.initialState)).loss;
    })([tf.tensor2d(embeddings[0]!), tf.tensor2d(operands.weight)]);
    expect(valueDifference(value.dataSync()[0]!, expected.loss)).toBeLessThan(STATISTIC_TOLERANCE);
    const gradients = grads.map((gradient) => gradient.arraySync() as Rows);
    expect(gradientDifference(gradients[0]!, expected.embeddingGradient)).toBeLessThan(GRADIENT_TOLERANCE);
    expect(gradientDifference(gradients[1]!, expected.weightGradient)).toBeLessThan(GRADIENT_TOLERANCE);
  });
});
