import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { initialState } from '../../learning/step/initial-state.js';
import { backboneWeightsOf, HEAD } from '../../learning/step/training-spec.js';
import { backboneVariables } from '../../learning/weights/backbone-variables.js';
import type { AlignedFaces } from './data-loader.js';
import { withClassMeanHead } from './class-mean-head.js';

const spec = smallTrainingSpec();
const { backbone, classCount } = spec;
const never = new AbortController().signal;

/** Sixteen faces, two batches; of the last class there is none. */
const batches: readonly AlignedFaces[] = [0, 1].map((step) => {
  const { images, labels } = someBatch(step);
  return { images, labels: labels.map((label) => label % (classCount - 1)) };
});

const data = {
  faceCount: 16,
  wholeFaces: async function* () {
    for (const batch of batches) {
      await Promise.resolve();
      yield batch;
    }
  },
};

describe('a head that starts at class means', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('has the directions of the mean unit embeddings that tfjs computes', async () => {
    const drawn = initialState(spec, 1);
    const progress: [number, number][] = [];
    const onProgress = (embedded: number, faceCount: number) => progress.push([embedded, faceCount]);
    const { weights } = await withClassMeanHead(drawn, { spec, data, threads: 1, onProgress }, never);
    const variables = backboneVariables(backbone, backboneWeightsOf(drawn));
    const means = tf.tidy(() => {
      const embeddings = batches.map(({ images }) => {
        const batch = tf.tensor4d(images, [8, 16, 16, 3]);
        return backbone.forward(batch, variables, { normalisation: 'frozen' }).embeddings;
      });
      const all = tf.concat(embeddings);
      const units = tf.div(all, tf.norm(all, 2, 1, true));
      const labels = tf.oneHot(
        batches.flatMap((batch) => [...batch.labels]),
        classCount,
      );
      const sums = tf.matMul(units, labels.toFloat(), true);
      return tf.div(sums, tf.norm(sums, 2, 0, true)).arraySync() as number[][];
    });
    const { shape, values } = weights.get(HEAD)!;
    expect(shape).toEqual([8, classCount]);
    for (const [row, expected] of means.entries()) {
      for (let label = 0; label < classCount - 1; label++)
        expect(values[row * classCount + label]).toBeCloseTo(expected[label]!, 4);
      // As it was drawn.
      const last = row * classCount + classCount - 1;
      expect(values[last]).toBe(drawn.weights.get(HEAD)!.values[last]);
    }
    expect(progress).toEqual([
      [0, 16],
      [8, 16],
      [16, 16],
    ]);
  });

  it('changes nothing but the head', async () => {
    const drawn = initialState(spec, 1);
    const state = await withClassMeanHead(drawn, { spec, data, threads: 1, onProgress: undefined }, never);
    expect(backboneWeightsOf(state)).toEqual(backboneWeightsOf(drawn));
    expect(state.velocities).toBe(drawn.velocities);
  });

  it('says what to do where the network gives no embedding', async () => {
    const drawn = initialState(spec, 1);
    const [name, array] = [...drawn.weights][0]!;
    const broken = new Map(drawn.weights).set(name, { ...array, values: array.values.map(() => Number.NaN) });
    const parts = { spec, data, threads: 1, onProgress: undefined };
    await expect(withClassMeanHead({ ...drawn, weights: broken }, parts, never)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('head: { initialise: random }') as string,
    });
  });
});
