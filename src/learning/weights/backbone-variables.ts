import * as tf from '@tensorflow/tfjs';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { Backbone } from '../backbones/backbone.js';
import type { Variables } from '../layers/forward-pass.js';

/** A backbone or another network, as what it holds. */
type Network = Pick<Backbone, 'name' | 'parameters' | 'statistics'>;

/**
 * Weights as tensors, to evaluate a network with. The caller disposes of them.
 * @throws Failure MODEL_INVALID, naming the array that is missing, of another shape or unknown to the network
 */
export function backboneVariables(backbone: Network, weights: Weights): Variables {
  requireWeightsOf(backbone, weights);
  return Object.fromEntries(
    Array.from(weights, ([name, { shape, values }]) => [name, tf.tensor(values, [...shape], 'float32')]),
  );
}

/** Tensors as weights, to be stored: the inverse of {@link backboneVariables}. */
export function backboneWeights(backbone: Backbone, variables: Variables): Weights {
  const weights = new Map<string, WeightArray>();
  for (const { name, shape } of [...backbone.parameters, ...backbone.statistics]) {
    const tensor = variables[name];
    if (tensor === undefined) throw new RangeError(`the variables lack ${name}`);
    weights.set(name, { shape, values: tensor.dataSync<'float32'>() });
  }
  return weights;
}

/** @throws Failure MODEL_INVALID, naming the array that is missing, of another shape or unknown to the network */
export function requireWeightsOf(backbone: Network, weights: Weights): void {
  const specs = [...backbone.parameters, ...backbone.statistics];
  for (const { name, shape } of specs) {
    const found = weights.get(name);
    if (found === undefined) throw invalid(`${backbone.name} needs ${name}, which the weights lack`);
    if (found.shape.length !== shape.length || found.shape.some((extent, axis) => extent !== shape[axis])) {
      throw invalid(
        `${name} has the shape [${found.shape.join(', ')}]; ${backbone.name} needs [${shape.join(', ')}]`,
      );
    }
  }
  if (weights.size === specs.length) return;
  const known = new Set(specs.map(({ name }) => name));
  const unknown = [...weights.keys()].find((name) => !known.has(name));
  throw invalid(`${backbone.name} has no ${unknown ?? 'such array'}, which the weights hold`);
}

function invalid(message: string): Failure {
  return new Failure('MODEL_INVALID', message);
}
