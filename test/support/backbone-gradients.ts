import * as tf from '@tensorflow/tfjs';

import { compileToOnnx, type CompilationTarget, type TracedFunction } from '../../src/compiler/index.js';
import type { Weights } from '../../src/core/models/weights.js';
import type { Backbone } from '../../src/learning/backbones/backbone.js';
import type { ForwardMode } from '../../src/learning/layers/forward-pass.js';
import { backboneVariables } from '../../src/learning/weights/backbone-variables.js';
import { evaluate } from '../compiler/eager-comparison.js';
import { imagesOf, settledWeights } from './backbone-inputs.js';

/** How far the compiled training pass is from the eager one; each relative to the largest value of its array. */
export interface GradientAgreement {
  readonly loss: number;
  /** The worst of the arrays. */
  readonly gradient: number;
  readonly gradientName: string;
  readonly statistic: number;
  /** Arrays compared, gradients and statistics. */
  readonly arrays: number;
}

/**
 * Relative to an array's largest value. Live normalisation over the few samples of a test divides by small deviations,
 * which makes more of rounding errors than frozen normalisation does.
 */
export const GRADIENT_TOLERANCE = { live: 3e-4, frozen: 1e-5 } as const;

/**
 * An array whose gradient is this much smaller than the largest is compared with the largest: a bias before a live
 * normalisation, for one, has no gradient but rounding errors.
 */
const NEGLIGIBLE = 1e-3;

/**
 * Compiles a loss of the embeddings (their mean squared distance to given ones), its gradients and the updated
 * statistics to ONNX, and compares all of them with eager tfjs.
 */
export async function compareGradients(
  backbone: Backbone,
  batch: number,
  normalisation: ForwardMode['normalisation'],
  weights: Weights = settledWeights(backbone),
): Promise<GradientAgreement> {
  const [agreement] = await compareGradientsFor([undefined], backbone, batch, normalisation, weights);
  return agreement!;
}

/** As {@link compareGradients}, compiled for each of some targets (undefined: any); evaluated by tfjs only once. */
export async function compareGradientsFor(
  targets: readonly (CompilationTarget | undefined)[],
  backbone: Backbone,
  batch: number,
  normalisation: ForwardMode['normalisation'],
  weights: Weights = settledWeights(backbone),
): Promise<GradientAgreement[]> {
  const variables = backboneVariables(backbone, weights);
  const inputs: Readonly<Record<string, tf.Tensor>> = { images: imagesOf(backbone, batch), ...variables };
  const names = Object.keys(inputs);
  const statistics = normalisation === 'live' ? backbone.statistics.map(({ name }) => name) : [];
  const outputs = ['loss', ...gradientNames(backbone), ...statistics.map((name) => `updated ${name}`)];
  const traced: TracedFunction = {
    name: backbone.name,
    inputs: names.map((name) => ({ name, shape: inputs[name]!.shape, dtype: 'float32' })),
    outputs,
    run: trainingPass(backbone, normalisation, names, statistics),
  };
  const expected = eagerly(() => traced.run(...Object.values(inputs)));
  const agreements: GradientAgreement[] = [];
  for (const target of targets) {
    const actual = await evaluate(compileToOnnx(traced, target), inputs);
    const pairs = outputs.map((name, index) => ({
      name,
      actual: actual[name]!.data as Float32Array,
      expected: expected[index]!,
    }));
    agreements.push(agreementOf(pairs, backbone.parameters.length));
  }
  tf.dispose(inputs);
  return agreements;
}

/** The values of tensors, which are disposed of; not returned from `tidy`, which would look at every number for a tensor. */
function eagerly(run: () => readonly tf.Tensor[]): Float32Array[] {
  const values: Float32Array[] = [];
  tf.tidy(() => {
    for (const tensor of run()) values.push(tensor.dataSync<'float32'>());
  });
  return values;
}

export function gradientNames(backbone: Backbone): string[] {
  return backbone.parameters.map(({ name }) => `gradient of ${name}`);
}

/** (images, variables...) -> [loss, a gradient for each parameter, the updated statistics...] */
export function trainingPass(
  backbone: Backbone,
  normalisation: ForwardMode['normalisation'],
  inputNames: readonly string[],
  statisticNames: readonly string[],
): (...tensors: tf.Tensor[]) => tf.Tensor[] {
  return (...tensors) => {
    const given = Object.fromEntries(inputNames.map((name, index) => [name, tensors[index]!]));
    let updated: Readonly<Record<string, tf.Tensor>> = {};
    const lossOf = (...parameters: tf.Tensor[]): tf.Scalar => {
      const learnt = Object.fromEntries(
        backbone.parameters.map(({ name }, index) => [name, parameters[index]!]),
      );
      const images = given['images'] as tf.Tensor4D;
      const { embeddings, statistics } = backbone.forward(images, { ...given, ...learnt }, { normalisation });
      updated = statistics;
      return tf.mean<tf.Scalar>(tf.squaredDifference(embeddings, fixedPoints(embeddings.shape)));
    };
    const parameters = backbone.parameters.map(({ name }) => given[name]!);
    // The statistics come out of the function whose gradient is taken: kept, or they would be disposed of with it.
    const { value, grads } = tf.valueAndGrads((...values) => {
      const loss = lossOf(...values);
      Object.values(updated).forEach((tensor) => tf.keep(tensor));
      return loss;
    })(parameters);
    return [value, ...grads, ...statisticNames.map((name) => updated[name]!)];
  };
}

/** The mean square of normalised embeddings hardly depends on the weights; their distance to fixed points does. */
function fixedPoints(shape: [number, number]): tf.Tensor2D {
  const values = Float32Array.from({ length: shape[0] * shape[1] }, (_, index) => Math.sin(0.7 * index));
  return tf.tensor2d(values, shape);
}

interface Pair {
  readonly name: string;
  readonly actual: Float32Array;
  readonly expected: Float32Array;
}

function agreementOf([loss, ...rest]: readonly Pair[], parameterCount: number): GradientAgreement {
  const gradients = rest.slice(0, parameterCount);
  const largest = Math.max(...gradients.map(({ expected }) => magnitude(expected)));
  const errors = gradients.map(
    (pair) => difference(pair) / Math.max(magnitude(pair.expected), NEGLIGIBLE * largest),
  );
  const worst = errors.indexOf(Math.max(...errors));
  const statistics = rest.slice(parameterCount);
  return {
    loss: difference(loss!) / magnitude(loss!.expected),
    gradient: errors[worst]!,
    gradientName: gradients[worst]!.name,
    statistic: Math.max(0, ...statistics.map((pair) => difference(pair) / magnitude(pair.expected))),
    arrays: rest.length,
  };
}

function magnitude(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/** NaN where either side has one. */
function difference({ actual, expected }: Pair): number {
  if (actual.length !== expected.length) return NaN;
  let largest = 0;
  actual.forEach((value, index) => {
    const gap = Math.abs(value - expected[index]!);
    if (!(gap <= largest)) largest = gap;
  });
  return largest;
}
