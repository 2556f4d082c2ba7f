import * as tf from '@tensorflow/tfjs';

import type { ParameterSpec } from '../layers/layer.js';
import type { SgdOptions } from './training-spec.js';

/** Keeps the quotient finite where the gradient is 0; PyTorch's `clip_grad_norm_` adds the same. */
export const CLIP_EPSILON = 1e-6;

/** Parameters and their momentum after a step, in the order of the parameters. */
export interface SgdResult {
  readonly parameters: readonly tf.Tensor[];
  readonly velocities: readonly tf.Tensor[];
}

/** What a step of gradient descent is computed from, each array in the order of `specs`. */
export interface SgdInputs {
  readonly specs: readonly ParameterSpec[];
  readonly parameters: readonly tf.Tensor[];
  readonly velocities: readonly tf.Tensor[];
  readonly gradients: readonly tf.Tensor[];
  /** η */
  readonly learningRate: tf.Scalar;
}

/** Euclidean norm of all gradients together. */
export function gradientNorm(gradients: readonly tf.Tensor[]): tf.Scalar {
  const squares = gradients.map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)));
  return tf.sqrt(tf.addN(squares));
}

/** One step of PyTorch's SGD; gradients are clipped before the weights' decay is added to them, as there. */
export function sgdStep(
  { specs, parameters, velocities, gradients, learningRate }: SgdInputs,
  norm: tf.Scalar,
  { momentum, weightDecay, gradientClipNorm }: SgdOptions,
): SgdResult {
  const clip =
    gradientClipNorm === undefined
      ? undefined
      : tf.minimum(1, tf.div(gradientClipNorm, tf.add(norm, CLIP_EPSILON)));
  const steps = specs.map(({ decayGroup }, index) => {
    const [parameter, velocity, gradient] = [parameters[index], velocities[index], gradients[index]];
    if (parameter === undefined || velocity === undefined || gradient === undefined)
      throw new RangeError('every parameter has a velocity and a gradient');
    const clipped = clip === undefined ? gradient : tf.mul(gradient, clip);
    const decay = weightDecay[decayGroup];
    const decayed = decay === 0 ? clipped : tf.add(clipped, tf.mul(parameter, decay)); // g + λw
    const next = momentum === 0 ? decayed : tf.add(tf.mul(velocity, momentum), decayed); // v ← μv + g + λw
    return { parameter: tf.sub(parameter, tf.mul(next, learningRate)), velocity: next }; // w ← w - ηv
  });
  return {
    parameters: steps.map(({ parameter }) => parameter),
    velocities: steps.map(({ velocity }) => velocity),
  };
}
