import * as tf from '@tensorflow/tfjs';
import type * as ort from 'onnxruntime-node';
import { expect } from 'vitest';

import { compileToOnnx, type FunctionInput } from '../../src/compiler/index.js';
import type { FaceLoss, FaceLossState } from '../../src/learning/losses/face-loss.js';
import { symFaceLoss, type SymFaceOptions } from '../../src/learning/losses/sym-face.js';
import { evaluate } from '../compiler/eager-comparison.js';
import { stateOf } from './face-loss-cases.js';

/**
 * Both sides store 32-bit floats; tfjs' CPU backend computes in 64 bits in between. A cosine differs by some 1e-7, a
 * logit at s = 64 by 1e-5, probabilities and gradients by as much of their size.
 */
const TOLERANCE = 2e-5;

interface StepShape {
  readonly dimension: number;
  readonly classes: number;
  readonly slots: number;
}

const SHAPE: StepShape = { dimension: 8, classes: 5, slots: 2 };

/** Operands of a step in the order of the graph's inputs: what is trained, what is given, then the statistics. */
type StepOperands = readonly [
  tf.Tensor2D,
  tf.Tensor2D,
  tf.Tensor1D,
  tf.Tensor1D,
  tf.Tensor1D,
  ...tf.Scalar[],
];

/** Loss, all gradients and the next statistics of one step, as a train step will compute them. */
function stepOf(faceLoss: FaceLoss, options: SymFaceOptions) {
  const statistics = Object.keys(faceLoss.initialState);
  const { scalars: trained = [] } = faceLoss;
  return (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const [embeddings, weight, labels, sampleMask, rho, ...numbers] = inputs as unknown as StepOperands;
    const state: FaceLossState = Object.fromEntries(statistics.map((name, index) => [name, numbers[index]!]));
    const compute = (x: tf.Tensor, w: tf.Tensor, ...rest: tf.Tensor[]) => {
      const scalars = Object.fromEntries(trained.map((name, index) => [name, rest[index] as tf.Scalar]));
      const fixed = { labels, sampleMask, rho, scalars };
      return symFaceLoss(
        faceLoss,
        { embeddings: x as tf.Tensor2D, weight: w as tf.Tensor2D, ...fixed },
        state,
        options,
      );
    };
    const learnt = [embeddings, weight, ...numbers.slice(statistics.length)] as const;
    const { value, grads } = tf.valueAndGrads((x, w, ...rest) => compute(x, w, ...rest).loss)([...learnt]);
    const next = compute(...learnt).state;
    return [value, ...grads, ...statistics.map((name) => next[name]!)];
  };
}

/** The step as an ONNX model. */
export function compileStep(
  faceLoss: FaceLoss,
  { dimension, classes, slots }: StepShape,
  options: SymFaceOptions = {},
): Uint8Array {
  const statistics = Object.keys(faceLoss.initialState);
  const { scalars: trained = [] } = faceLoss;
  const inputs: FunctionInput[] = [
    { name: 'embeddings', shape: [null, dimension], dtype: 'float32' },
    { name: 'weight', shape: [dimension, classes], dtype: 'float32' },
    { name: 'labels', shape: [null], dtype: 'int32' },
    { name: 'sampleMask', shape: [null], dtype: 'float32' },
    { name: 'rho', shape: [slots], dtype: 'float32' },
    ...[...statistics, ...trained].map((name): FunctionInput => ({ name, shape: [], dtype: 'float32' })),
  ];
  const gradients = ['byEmbeddings', 'byWeight', ...trained.map((name) => `by/${name}`)];
  const outputs = ['loss', ...gradients, ...statistics.map((name) => `next/${name}`)];
  return compileToOnnx({ name: 'step', inputs, outputs, run: stepOf(faceLoss, options) });
}

/** What the loss trains beside the class weights, by name. */
export function scalarsOf({ scalars = [] }: FaceLoss, value: number): Record<string, tf.Scalar> {
  return Object.fromEntries(scalars.map((name) => [name, tf.scalar(value)]));
}

function operandsOf(samples: number, faceLoss: FaceLoss) {
  const { dimension, classes } = SHAPE;
  const norms = tf.linspace(2, 60, samples).reshape([samples, 1]);
  const directions = tf.randomNormal([samples, dimension], 0, 0.4, 'float32', samples);
  return {
    embeddings: tf.mul<tf.Tensor2D>(directions, norms),
    weight: tf.randomNormal([dimension, classes], 0, 0.3, 'float32', 7),
    labels: tf.tensor1d(
      Array.from({ length: samples }, (_, index) => (index * 2) % classes),
      'int32',
    ),
    // The last but one sample is padding.
    sampleMask: tf.tensor1d(Array.from({ length: samples }, (_, index) => Number(index !== samples - 2))),
    rho: tf.tensor1d([0.8, 0]),
    ...stateOf(faceLoss.initialState),
    ...scalarsOf(faceLoss, -0.5),
  };
}

/** The largest difference, relative to the largest element. */
function relativeDifference(actual: ort.OnnxValue, expected: tf.Tensor): number {
  expect(actual.dims).toEqual(expected.shape);
  const wanted = expected.dataSync();
  const differences = Array.from(actual.data as Float32Array, (value, index) =>
    Math.abs(value - wanted[index]!),
  );
  return Math.max(...differences) / Math.max(...Array.from(wanted, Math.abs));
}

/** Compares the compiled step with tfjs' own for three batch sizes. @returns the ONNX model */
export async function expectCompiledAsEager(
  faceLoss: FaceLoss,
  options: SymFaceOptions,
): Promise<Uint8Array> {
  const model = compileStep(faceLoss, SHAPE, options);
  // Two slots: of two samples each, or three.
  for (const samples of [options.compare === 'anchor' ? 6 : 4, 7, 9]) {
    const operands = operandsOf(samples, faceLoss);
    const expected = stepOf(faceLoss, options)(...Object.values(operands));
    const actual = Object.values(await evaluate(model, operands));
    expect(actual).toHaveLength(expected.length);
    expected.forEach((tensor, index) => {
      expect(relativeDifference(actual[index]!, tensor)).toBeLessThan(TOLERANCE);
    });
  }
  return model;
}
