import * as tf from '@tensorflow/tfjs';

import type { WeightArray, Weights } from '../../src/core/models/weights.js';
import type { Backbone } from '../../src/learning/backbones/backbone.js';
import { initialWeights } from '../../src/learning/weights/initial-weights.js';

/**
 * Weights as a trained network has them: scales, offsets and slopes that differ from channel to channel, and running
 * statistics that are not zero and one. Each is a wave of its own, so that a swapped channel or array shows.
 */
export function settledWeights(backbone: Backbone): Weights {
  const weights = new Map<string, WeightArray>(initialWeights(backbone, 7));
  [...weights].forEach(([name, { shape, values }], position) => {
    const wave = (index: number): number => Math.sin(1.7 * index + position);
    const variance = name.endsWith('.variance') ? runningVariance(weights, name) : undefined;
    const settled = values.map((value, index) => {
      if (variance !== undefined) return variance * (1 + 0.3 * wave(index));
      if (shape.length !== 1) return value;
      return value * (1 + 0.2 * wave(index)) + 0.1 * wave(index + 3);
    });
    weights.set(name, { shape, values: settled });
  });
  return weights;
}

/** About what a unit input makes of the filters before it, so that activations keep their size through the network. */
function runningVariance(weights: Weights, name: string): number {
  const layer = name.replace(/\.norm\.variance$/u, '');
  const filter = weights.get(`${layer}.filter`) ?? weights.get(`${layer}.weights`);
  if (filter === undefined) return 1;
  const outputs = filter.shape.at(-1) === 1 ? filter.shape.at(-2)! : filter.shape.at(-1)!;
  const squares = filter.values.reduce((sum, value) => sum + value * value, 0);
  return squares / outputs;
}

/** [B, H, W, 3] in [-1, 1]; smooth, and different in each direction, channel and image. */
export function imagesOf({ inputSize: { height, width } }: Backbone, batch: number): tf.Tensor4D {
  const values = Float32Array.from({ length: batch * height * width * 3 }, (_, index) => {
    const channel = index % 3;
    const x = Math.floor(index / 3) % width;
    const y = Math.floor(index / 3 / width) % height;
    const image = Math.floor(index / 3 / width / height);
    return Math.sin(0.09 * x * (channel + 1) + 1.3 * image) * Math.cos(0.13 * y + channel * (image + 1));
  });
  return tf.tensor4d(values, [batch, height, width, 3]);
}
