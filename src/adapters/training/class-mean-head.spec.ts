import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { smallLearner, someBatch } from '../../../test/support/small-learner.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import type { ParameterSpec } from '../../learning/layers/layer.js';
import { initialState } from '../../learning/training/initial-state.js';
import { backboneWeightsOf, HEAD, PARENT_CLASSES } from '../../learning/training/learner.js';
import { backboneVariables } from '../../learning/weights/backbone-variables.js';
import type { WholeFaces } from '../training-data/training-data.js';
import { atCentredClassMeans, atClassMeans } from './class-mean-head.js';

const learner = smallLearner();
const { backbone, classCount } = learner;
const never = new AbortController().signal;

/** Sixteen faces, two batches; of the last class there is none. */
const batches: readonly WholeFaces[] = [0, 1].map((step) => {
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

/** The small network, and one that multiplies what it gives by a matrix. */
function centredBackbone(): { readonly linear: Backbone; readonly features: Backbone } {
  const constant = (name: string, shape: readonly number[], value: number): ParameterSpec => ({
    name,
    shape,
    decayGroup: 'weights',
    initialiser:
      value === 0 ? { distribution: 'constant', value } : { distribution: 'uniform', limit: value },
  });
  const linear: Backbone = {
    ...backbone,
    embeddingSize: 2,
    parameters: [...backbone.parameters, constant('offset', [8], 0), constant('matrix', [8, 2], 1)],
    centring: { features: backbone, offset: 'offset', matrix: 'matrix' },
    forward: (images, variables, mode) => {
      const { embeddings, statistics } = backbone.forward(images, variables, mode);
      const moved = tf.add<tf.Tensor2D>(embeddings, variables['offset']!);
      return { embeddings: tf.matMul(moved, variables['matrix'] as tf.Tensor2D), statistics };
    },
  };
  return { linear, features: backbone };
}

describe('a head that starts at class means', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('has the directions of the mean unit embeddings that tfjs computes', async () => {
    const drawn = initialState(learner, 1);
    const progress: [number, number][] = [];
    const onProgress = (embedded: number, faceCount: number) => progress.push([embedded, faceCount]);
    const { weights } = await atClassMeans(drawn, { learner, data, threads: 1, onProgress }, never);
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
    const drawn = initialState(learner, 1);
    const state = await atClassMeans(drawn, { learner, data, threads: 1, onProgress: undefined }, never);
    expect(backboneWeightsOf(state)).toEqual(backboneWeightsOf(drawn));
    expect(state.velocities).toBe(drawn.velocities);
  });

  it('keeps the means as fixed classes too, for backward compatibility', async () => {
    const compatible = { ...learner, backwardCompatibility: { weight: 1 } };
    const parts = { learner: compatible, data, threads: 1, onProgress: undefined };
    const { weights } = await atClassMeans(initialState(compatible, 1), parts, never);
    expect(weights.get(PARENT_CLASSES)).toEqual(weights.get(HEAD));
    expect([...initialState(learner, 1).weights.keys()]).not.toContain(PARENT_CLASSES);
  });

  it('moves the middle of the features for a network that can be centred', async () => {
    const { linear, features } = centredBackbone();
    const parts = { learner: { ...learner, backbone: linear }, data, threads: 1, onProgress: undefined };
    const drawn = initialState(parts.learner, 1);
    const { weights } = await atCentredClassMeans(drawn, { ...parts, centring: 0.75 }, never);
    const sums = Array.from({ length: classCount }, () => ({ count: 0, values: new Float64Array(8) }));
    const variables = backboneVariables(
      features,
      backboneWeightsOf(initialState({ ...learner, backbone: features }, 1)),
    );
    for (const { images, labels } of batches) {
      const rows = tf.tidy(() =>
        features
          .forward(tf.tensor4d(images, [8, 16, 16, 3]), variables, { normalisation: 'frozen' })
          .embeddings.arraySync(),
      );
      for (const [face, row] of rows.entries()) {
        const sum = sums[labels[face]!]!;
        sum.count += 1;
        for (const [index, value] of row.entries()) sum.values[index]! += value;
      }
    }
    const means = sums
      .filter(({ count }) => count > 0)
      .map(({ count, values }) => values.map((value) => value / count));
    const offset = weights.get('offset')!.values;
    for (const [index, value] of offset.entries()) {
      const middle = means.reduce((sum, mean) => sum + mean[index]!, 0) / means.length;
      expect(value / (-0.75 * middle)).toBeCloseTo(1, 5);
    }
    // The class weights are where the network, moved, has the classes.
    const matrix = weights.get('matrix')!.values;
    const head = weights.get(HEAD)!.values;
    for (const [label, mean] of means.entries()) {
      const direction = [0, 1].map((column) =>
        mean.reduce((sum, value, row) => sum + (value + offset[row]!) * matrix[row * 2 + column]!, 0),
      );
      for (const [row, value] of direction.entries())
        expect(head[row * classCount + label]).toBeCloseTo(value / Math.hypot(...direction), 4);
    }
  });

  it('says what to do where the network gives no embedding', async () => {
    const drawn = initialState(learner, 1);
    const [name, array] = [...drawn.weights][0]!;
    const broken = new Map(drawn.weights).set(name, { ...array, values: array.values.map(() => Number.NaN) });
    const parts = { learner, data, threads: 1, onProgress: undefined };
    await expect(atClassMeans({ ...drawn, weights: broken }, parts, never)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('head: { initialise: random }') as string,
    });
  });
});
