import * as tf from '@tensorflow/tfjs';
import type * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';

import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { countNodes } from '../../../test/compiler/onnx-inspection.js';
import { batchOf, stateOf } from '../../../test/support/face-loss-cases.js';
import { EDGE_CASES } from '../../../test/support/face-loss-edge-cases.js';
import { compileToOnnx, type FunctionInput } from '../../compiler/index.js';
import {
  createFaceLoss,
  FACE_LOSSES,
  type FaceLossHyperparameters,
  type FaceLossName,
} from './face-losses.js';
import type { FaceLoss, FaceLossState } from './face-loss.js';
import { symFaceLoss, type SymFaceOptions } from './sym-face.js';

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

const LOSSES: readonly [FaceLossName, FaceLossHyperparameters][] = [
  ['softmax', {}],
  ['normface', {}],
  ['cosface', {}],
  ['arcface', {}],
  ['arcface', { scale: 16, marginRadians: 1.2 }],
  ['sphereface', {}],
  ['sphereface', { scale: 16, initialAnnealing: 0, finalAnnealing: 0 }],
  ['adaface', {}],
  ['adaface', { statisticsRate: 0.5, concentration: 2 }],
  ['curricularface', { statisticsRate: 0.5 }],
];

/** Operands of a step in the order of the graph's inputs: what is trained, what is given, then the statistics. */
type StepOperands = readonly [
  tf.Tensor2D,
  tf.Tensor2D,
  tf.Tensor1D,
  tf.Tensor1D,
  tf.Tensor1D,
  ...tf.Scalar[],
];

/** Loss, both gradients and the next statistics of one step, as a train step will compute them. */
function stepOf(faceLoss: FaceLoss, options: SymFaceOptions) {
  const statistics = Object.keys(faceLoss.initialState);
  return (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const [embeddings, weight, labels, sampleMask, rho, ...scalars] = inputs as unknown as StepOperands;
    const state: FaceLossState = Object.fromEntries(statistics.map((name, index) => [name, scalars[index]!]));
    const compute = (x: tf.Tensor, w: tf.Tensor) =>
      symFaceLoss(
        faceLoss,
        { embeddings: x as tf.Tensor2D, weight: w as tf.Tensor2D, labels, sampleMask, rho },
        state,
        options,
      );
    const { value, grads } = tf.valueAndGrads((x, w) => compute(x, w).loss)([embeddings, weight]);
    const next = compute(embeddings, weight).state;
    return [value, ...grads, ...statistics.map((name) => next[name]!)];
  };
}

function compileStep(
  faceLoss: FaceLoss,
  { dimension, classes, slots }: StepShape,
  options: SymFaceOptions = {},
): Uint8Array {
  const statistics = Object.keys(faceLoss.initialState);
  const inputs: FunctionInput[] = [
    { name: 'embeddings', shape: [null, dimension], dtype: 'float32' },
    { name: 'weight', shape: [dimension, classes], dtype: 'float32' },
    { name: 'labels', shape: [null], dtype: 'int32' },
    { name: 'sampleMask', shape: [null], dtype: 'float32' },
    { name: 'rho', shape: [slots], dtype: 'float32' },
    ...statistics.map((name): FunctionInput => ({ name, shape: [], dtype: 'float32' })),
  ];
  const outputs = ['loss', 'byEmbeddings', 'byWeight', ...statistics.map((name) => `next/${name}`)];
  return compileToOnnx({ name: 'step', inputs, outputs, run: stepOf(faceLoss, options) });
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

async function expectCompiledAsEager(faceLoss: FaceLoss, options: SymFaceOptions): Promise<Uint8Array> {
  const model = compileStep(faceLoss, SHAPE, options);
  for (const samples of [4, 5, 9]) {
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

describe('a face loss compiled to ONNX, with SymFace and for any batch size', () => {
  it.each(LOSSES)(
    '%s %j: value, gradients and statistics are those of tfjs',
    async (name, hyperparameters) => {
      await expectCompiledAsEager(createFaceLoss(name, hyperparameters), {});
    },
  );

  it.each<SymFaceOptions>([{ compare: 'unit' }, { symmetryWeight: 0 }, { symmetryWeight: 3 }])(
    'so it is with %j',
    async (options) => {
      await expectCompiledAsEager(createFaceLoss('arcface'), options);
    },
  );

  it('scatters nothing: classes are picked by comparison', async () => {
    const model = await expectCompiledAsEager(createFaceLoss('arcface'), {});
    for (const opType of ['ScatterND', 'ScatterElements', 'OneHot', 'Gather', 'Acos']) {
      expect(countNodes(model, opType)).toBe(0);
    }
  });
});

describe.each(Object.keys(FACE_LOSSES) as FaceLossName[])('%s compiled to ONNX', (name) => {
  it('has finite values, gradients and statistics in every edge case', async () => {
    const faceLoss = createFaceLoss(name);
    const model = compileStep(faceLoss, { dimension: 2, classes: 2, slots: 0 });
    for (const [title, operands] of EDGE_CASES) {
      if (operands.weight[0]!.length !== 2) continue;
      const trained = [
        tf.tensor2d(operands.embeddings.map((row) => [...row])),
        tf.tensor2d(operands.weight.map((row) => [...row])),
      ] as const;
      const { embeddings, weight, labels, sampleMask } = batchOf(operands)(...trained);
      const fixed = { labels, sampleMask, rho: tf.tensor1d([]), ...stateOf(faceLoss.initialState) };
      const outputs = await evaluate(model, { embeddings, weight, ...fixed });
      const numbers = Object.values(outputs).flatMap(({ data }) => [...(data as Float32Array)]);
      expect(numbers.every(Number.isFinite), title).toBe(true);
    }
  });
});
