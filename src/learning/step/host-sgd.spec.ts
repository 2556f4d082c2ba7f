import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../core/random/seeded-random.js';
import { sgdStep, gradientNorm } from './sgd.js';
import { HostSgd } from './host-sgd.js';
import type { SgdOptions } from './training-spec.js';

const lengths = [3, 8];
const decays = [0.1, 0];
const learningRate = 0.3;

function drawn(seed: number): Float32Array[] {
  const next = uniformGenerator(seed);
  return lengths.map((length) => Float32Array.from({ length }, () => 2 * next() - 1));
}

/** What tfjs makes of the same step. */
function expectedOf(
  values: readonly Float32Array[],
  velocities: readonly Float32Array[],
  gradients: readonly Float32Array[],
  options: Omit<SgdOptions, 'weightDecay'>,
) {
  const tensors = (arrays: readonly Float32Array[]) => arrays.map((array) => tf.tensor1d(array));
  const groups = ['weights', 'slopes'] as const;
  const specs = lengths.map((length, index) => ({
    name: `array ${index}`,
    shape: [length],
    initialiser: { distribution: 'constant', value: 0 } as const,
    decayGroup: groups[index]!,
  }));
  const weightDecay = { weights: decays[0]!, slopes: decays[1]!, 'last-layer': 0, normalisation: 0, head: 0 };
  const [parameters, momenta, steps] = [tensors(values), tensors(velocities), tensors(gradients)];
  const norm = gradientNorm(steps);
  const next = sgdStep(
    { specs, parameters, velocities: momenta, gradients: steps, learningRate: tf.scalar(learningRate) },
    norm,
    { ...options, weightDecay },
  );
  const arraysOf = (all: readonly tf.Tensor[]) => all.map((tensor) => tensor.dataSync<'float32'>());
  return {
    norm: norm.dataSync()[0]!,
    values: arraysOf(next.parameters),
    velocities: arraysOf(next.velocities),
  };
}

function expectClose(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  for (const [index, array] of actual.entries())
    for (const [at, value] of array.entries()) expect(value).toBeCloseTo(expected[index]![at]!, 6);
}

describe('sgd on the host', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    [{ momentum: 0 }],
    [{ momentum: 0.9 }],
    [{ momentum: 0.9, gradientClipNorm: 0.5 }],
    [{ momentum: 0.9, gradientClipNorm: 100 }],
  ])('is what tfjs computes: %j', (options) => {
    const [values, velocities, gradients] = [drawn(1), drawn(2), drawn(3)];
    const expected = expectedOf(values, velocities, gradients, options);
    const arrays = values.map((array, index) => ({
      values: array,
      velocities: velocities[index]!,
      decay: decays[index]!,
    }));
    const sgd = new HostSgd(arrays, options);
    const norm = sgd.norm(gradients, 1);
    expect(norm).toBeCloseTo(expected.norm, 6);
    sgd.sgdStep(gradients, 1, norm, learningRate);
    expectClose(values, expected.values);
    expectClose(velocities, expected.velocities);
  });

  it('averages the gradients of several batches, and begins anew after the step', () => {
    const [values, velocities] = [drawn(1), drawn(2)];
    const batches = [drawn(3), drawn(4)];
    const means = lengths.map((_, index) => {
      const [first, second] = batches.map((batch) => batch[index]!);
      return first!.map((value, at) => (value + second![at]!) / 2);
    });
    const options = { momentum: 0.9, gradientClipNorm: 0.5 };
    const expected = expectedOf(values, velocities, means, options);
    const sums = lengths.map((length) => new Float32Array(length));
    const arrays = values.map((array, index) => ({
      values: array,
      velocities: velocities[index]!,
      decay: decays[index]!,
      sums: sums[index]!,
    }));
    const sgd = new HostSgd(arrays, options);
    sgd.accumulate(batches[0]!);
    expectClose(values, drawn(1));
    const norm = sgd.norm(batches[1]!, 1 / 2);
    expect(norm).toBeCloseTo(expected.norm, 6);
    sgd.sgdStep(batches[1]!, 1 / 2, norm, learningRate);
    expectClose(values, expected.values);
    expectClose(velocities, expected.velocities);
    expectClose(
      sums,
      lengths.map((length) => new Float32Array(length)),
    );
  });
});
