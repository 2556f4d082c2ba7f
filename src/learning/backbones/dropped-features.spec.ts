import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallBackbone, smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { differenceOf, type EngineKind, startEngine } from '../../../test/support/training-engines.js';
import { createBackbone } from './backbone.js';
import { backboneArchitecture } from './catalogue.js';
import { sequence } from '../layers/composition.js';
import { convolution } from '../layers/convolution.js';
import { dropout } from '../layers/dropout.js';
import { linear } from '../layers/linear.js';
import { dropoutMask, withDropout } from '../step/dropout-mask.js';
import { initialState } from '../step/initial-state.js';
import type { TrainingSpec } from '../step/training-spec.js';
import type { TrainingState } from '../step/training-engine.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import { initialWeights } from '../weights/initial-weights.js';

const LEARNING_RATE = 0.01;
const SEED = 3;

/** A convolution, the dropped layer of 8x8x4 features and a matrix. */
const small = createBackbone(
  {
    name: 'small',
    source: 'test',
    defaultEmbeddingSize: 8,
    dropoutRate: 0.4,
    droppedShape: ({ height, width }) => ({ height: height / 2, width: width / 2, channels: 4 }),
    network: (size) =>
      sequence({
        stem: convolution({ channels: 4, kernel: 3, stride: 2 }),
        dropout,
        embedding: linear(size),
      }),
  },
  { inputSize: { height: 16, width: 16 } },
);

function learnerWith(dropoutRate: number): TrainingSpec {
  return { ...smallTrainingSpec({ symmetry: { compare: 'unit' } }), backbone: small, dropout: dropoutRate };
}

/** Batches of the first epoch from one on, as a run makes them. */
async function trained(
  kind: EngineKind,
  spec: TrainingSpec,
  from: TrainingState,
  batches: readonly number[],
) {
  const engine = await startEngine(kind, spec, from);
  for (const batch of batches)
    await engine.step(withDropout(someBatch(batch), spec, SEED, { epoch: 0, batch }), LEARNING_RATE);
  const state = await engine.state();
  await engine.close();
  return state;
}

describe('dropped features', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it('are the same in both engines, and change what is learnt', async () => {
    const spec = learnerWith(0.4);
    const start = initialState(spec, 1);
    const eager = await trained('eager', spec, start, [0, 1, 2]);
    const compiled = await trained('compiled', spec, start, [0, 1, 2]);
    expect(differenceOf(compiled, eager)).toBeLessThan(1e-4);
    const plain = await trained('compiled', learnerWith(0), start, [0, 1, 2]);
    expect(differenceOf(compiled, plain)).toBeGreaterThan(1e-2);
  });

  it.each(['eager', 'compiled'] as const)('are the same after a stop, to the bit (%s)', async (kind) => {
    const spec = learnerWith(0.4);
    const start = initialState(spec, 1);
    const whole = await trained(kind, spec, start, [0, 1, 2, 3]);
    const resumed = await trained(kind, spec, await trained(kind, spec, start, [0, 1]), [2, 3]);
    expect(differenceOf(resumed, whole)).toBe(0);
  });

  it('are those before the last matrix of improved ResNets', () => {
    const backbone = createBackbone(backboneArchitecture('ir-18'), { inputSize: { height: 32, width: 16 } });
    const variables = backboneVariables(backbone, initialWeights(backbone, 1));
    const { height, width, channels } = backbone.droppedShape!;
    const embeddingWith = (mask?: Float32Array) =>
      tf.tidy(() => {
        const images = tf.randomUniform<tf.Rank.R4>([1, 32, 16, 3], -1, 1, 'float32', 5);
        const dropped = mask && { dropoutMask: tf.tensor4d(mask, [1, height, width, channels]) };
        return backbone
          .forward(images, variables, { normalisation: 'frozen', ...dropped })
          .embeddings.dataSync();
      });
    expect([height, width, channels]).toEqual([2, 1, 512]);
    // Of an input of zeros the matrix leaves its bias alone, and that is the same as of no image.
    const plain = embeddingWith();
    const nothing = embeddingWith(new Float32Array(1024));
    expect(nothing).not.toEqual(plain);
    expect(embeddingWith(new Float32Array(1024).fill(1))).toEqual(plain);
    const some = embeddingWith(dropoutMask(0.4, 1024, SEED, { epoch: 0, batch: 0 }));
    expect(some).not.toEqual(plain);
    expect(some).not.toEqual(nothing);
    tf.dispose(variables);
  });

  it('are refused where the network has no such layer', async () => {
    const spec = {
      ...smallTrainingSpec({ backbone: smallBackbone(backboneArchitecture('mobilefacenet')) }),
      dropout: 0.4,
    };
    await expect(startEngine('compiled', spec, initialState(spec, 1))).rejects.toThrow(
      'mobilefacenet has no layer whose features are dropped',
    );
  });
});
