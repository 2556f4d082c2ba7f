import * as tf from '@tensorflow/tfjs';

import type { Variables } from '../layers/evaluation.js';
import { backwardCompatibilityLoss } from '../losses/backward-compatibility.js';
import { symFaceLoss } from '../losses/sym-face.js';
import { descend, gradientNorm } from './descent.js';
import {
  dropoutShape,
  HEAD,
  isAccumulating,
  type Learner,
  learnerParameters,
  learnerStatistics,
  PARENT_CLASSES,
  requireLearner,
} from './learner.js';
import type { StepReport } from './training-engine.js';

/** An array that goes into a step. */
export interface StepInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** Figures of a step, a part of which has only terms that are trained on. */
const ALL_FIGURES = [
  'loss',
  'faceLoss',
  'symmetryLoss',
  'backwardCompatibilityLoss',
  'gradientNorm',
] as const satisfies readonly (keyof StepReport)[];
/** Its inputs that differ from step to step. */
export const BATCH_INPUTS = [
  'images',
  'labels',
  'sampleMask',
  'rho',
  'dropoutMask',
  'learningRate',
  'gradientShare',
  'isLast',
] as const;

/**
 * One step of training as a function without side effects, so that it can be traced: the batch and the state go in,
 * the figures and the next state come out.
 */
export interface TrainingStep {
  /**
   * The batch (`BATCH_INPUTS`), then the state. Where no face is split there is no `rho`, where no feature is
   * dropped no `dropoutMask`, where gradients are not accumulated neither `gradientShare` nor `isLast`.
   */
  readonly inputs: readonly StepInput[];
  /** What it tells: the first outputs. */
  readonly figures: readonly (keyof StepReport)[];
  /** Names of the figures, then of the state that changes: each the name of an input. */
  readonly outputs: readonly string[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/** Names of a state's arrays among a step's inputs and outputs: a parameter has its own. */
export const velocityName = (parameter: string): string => `velocity/${parameter}`;
export const gradientName = (parameter: string): string => `gradient/${parameter}`;
export const lossStateName = (statistic: string): string => `loss/${statistic}`;

/** @throws RangeError where the learner is not possible */
export function trainingStep(learner: Learner): TrainingStep {
  requireLearner(learner);
  const inputs = [...batchInputs(learner), ...stateInputs(learner)];
  requireDistinct(inputs.map(({ name }) => name));
  const parameters = learnerParameters(learner);
  const changed = [
    ...parameters.map(({ name }) => name),
    ...parameters.map(({ name }) => velocityName(name)),
    ...(isAccumulating(learner) ? parameters.map(({ name }) => gradientName(name)) : []),
    ...learnerStatistics(learner).map(({ name }) => name),
    ...Object.keys(learner.faceLoss.initialState).map(lossStateName),
  ];
  const figures = figuresOf(learner);
  return {
    inputs,
    figures,
    outputs: [...figures, ...changed],
    run: (...tensors) => {
      const given = byName(
        inputs.map(({ name }) => name),
        tensors,
      );
      const { figures: told, state } = stepOf(learner, given);
      return [...told, ...changed.map((name) => tensorOf(state, name))];
    },
  };
}

function figuresOf({ backwardCompatibility }: Learner): readonly (keyof StepReport)[] {
  return ALL_FIGURES.filter((name) => name !== 'backwardCompatibilityLoss' || backwardCompatibility);
}

/** Names of an imported network are its file's own. @throws RangeError where one is another array's */
function requireDistinct(names: readonly string[]): void {
  const taken = new Set<string>([...ALL_FIGURES, ...BATCH_INPUTS.filter((name) => !names.includes(name))]);
  for (const name of names) {
    if (taken.has(name))
      throw new RangeError(`a network cannot have an array of the name ${name}: the training step has one`);
    taken.add(name);
  }
}

function batchInputs(learner: Learner): readonly StepInput[] {
  const { batch } = learner;
  const dropped = dropoutShape(learner);
  const { batchSize, splitSlots, imageHeight, imageWidth } = batch;
  const scalar = (name: string): StepInput => ({ name, shape: [], dtype: 'float32' });
  const rho: StepInput = { name: 'rho', shape: [splitSlots], dtype: 'float32' };
  return [
    { name: 'images', shape: [batchSize, imageHeight, imageWidth, 3], dtype: 'float32' },
    { name: 'labels', shape: [batchSize], dtype: 'int32' },
    { name: 'sampleMask', shape: [batchSize], dtype: 'float32' },
    ...(splitSlots === 0 ? [] : [rho]),
    ...(dropped === undefined ? [] : [{ name: 'dropoutMask', shape: dropped, dtype: 'float32' } as const]),
    scalar('learningRate'),
    ...(isAccumulating(learner) ? [scalar('gradientShare'), scalar('isLast')] : []),
  ];
}

function stateInputs(learner: Learner): readonly StepInput[] {
  const parameters = learnerParameters(learner);
  const float = (name: string, shape: readonly number[]): StepInput => ({ name, shape, dtype: 'float32' });
  return [
    ...parameters.map(({ name, shape }) => float(name, shape)),
    ...parameters.map(({ name, shape }) => float(velocityName(name), shape)),
    ...(isAccumulating(learner) ? parameters.map(({ name, shape }) => float(gradientName(name), shape)) : []),
    ...parentClasses(learner).map(({ name, shape }) => float(name, shape)),
    ...learner.backbone.statistics.map(({ name, shape }) => float(name, shape)),
    ...Object.keys(learner.faceLoss.initialState).map((name) => float(lossStateName(name), [])),
  ];
}

/** They go in and do not come out: a step has no way to change them. */
function parentClasses({ backbone, classCount, backwardCompatibility }: Learner) {
  if (backwardCompatibility === undefined) return [];
  return [{ name: PARENT_CLASSES, shape: [backbone.embeddingSize, classCount] }];
}

interface Stepped {
  readonly figures: readonly tf.Scalar[];
  readonly state: Variables;
}

function stepOf(learner: Learner, given: Variables): Stepped {
  const specs = learnerParameters(learner);
  const names = specs.map(({ name }) => name);
  const parameters = names.map((name) => tensorOf(given, name));
  const { figures, gradients: own, state } = gradientsOf(learner, given, parameters);
  const sums = isAccumulating(learner)
    ? own.map((gradient, index) => tf.add(tensorOf(given, gradientName(names[index] ?? '')), gradient))
    : undefined;
  const gradients = sums?.map((sum) => tf.mul(sum, tensorOf(given, 'gradientShare'))) ?? own;
  const norm = gradientNorm(gradients);
  const velocities = names.map((name) => tensorOf(given, velocityName(name)));
  const learningRate = tensorOf(given, 'learningRate') as tf.Scalar;
  const descending = { specs, parameters, velocities, gradients, learningRate };
  const next = descend(descending, norm, learner.descent);
  const descended = {
    ...byName(names, next.parameters),
    ...byName(names.map(velocityName), next.velocities),
  };
  return {
    figures: [...figures, norm],
    state: {
      ...state,
      ...(sums === undefined
        ? descended
        : onlyAtLast(descended, byName(names.map(gradientName), sums), given)),
    },
  };
}

/**
 * Before the last batch of a step all stays as it was but the sums, which the last one sets to 0. Products with 0 and 1
 * and sums with 0 are exact, so that nothing is rounded on the way.
 */
function onlyAtLast(descended: Variables, sums: Variables, given: Variables): Variables {
  const isLast = tensorOf(given, 'isLast');
  const isBefore = tf.sub(1, isLast);
  const chosen = Object.entries(descended).map(([name, next]) => [
    name,
    tf.add(tf.mul(next, isLast), tf.mul(tensorOf(given, name), isBefore)),
  ]);
  const kept = Object.entries(sums).map(([name, sum]) => [name, tf.mul(sum, isBefore)]);
  return Object.fromEntries([...chosen, ...kept]) as Variables;
}

interface Gradients {
  /** All but the gradient's, in their order. */
  readonly figures: readonly tf.Scalar[];
  /** One for each parameter. */
  readonly gradients: readonly tf.Tensor[];
  /** Statistics of the backbone and of the face loss for the next step. */
  readonly state: Variables;
}

function gradientsOf(learner: Learner, given: Variables, parameters: readonly tf.Tensor[]): Gradients {
  const names = learnerParameters(learner).map(({ name }) => name);
  let parts: readonly tf.Scalar[] = [];
  let state: Variables = {};
  const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
    const result = lossOfBatch(learner, { ...given, ...byName(names, values) });
    parts = result.parts;
    state = result.state;
    // tfjs disposes of what else comes out of a function whose gradient is taken.
    for (const tensor of [...parts, ...Object.values(state)]) tf.keep(tensor);
    return result.loss;
  };
  const { value, grads } = tf.valueAndGrads(lossOf)([...parameters]);
  return { figures: [value, ...parts], gradients: grads, state };
}

interface LossOfBatch {
  readonly loss: tf.Scalar;
  /** faceLoss, symmetryLoss, and backwardCompatibilityLoss where that is trained on */
  readonly parts: readonly tf.Scalar[];
  readonly state: Variables;
}

function lossOfBatch(
  { backbone, faceLoss, symmetry, normalisation, backwardCompatibility }: Learner,
  given: Variables,
): LossOfBatch {
  const images = tensorOf(given, 'images') as tf.Tensor4D;
  const dropoutMask = given['dropoutMask'] as tf.Tensor4D | undefined;
  const mode = { normalisation, ...(dropoutMask === undefined ? {} : { dropoutMask }) };
  const { embeddings, statistics } = backbone.forward(images, given, mode);
  const batch = {
    embeddings,
    weight: tensorOf(given, HEAD) as tf.Tensor2D,
    labels: tensorOf(given, 'labels') as tf.Tensor1D,
    sampleMask: tensorOf(given, 'sampleMask') as tf.Tensor1D,
    rho: (given['rho'] ?? tf.zeros([0])) as tf.Tensor1D,
  };
  const previous = Object.fromEntries(
    Object.keys(faceLoss.initialState).map((name) => [
      name,
      tensorOf(given, lossStateName(name)) as tf.Scalar,
    ]),
  );
  const result = symFaceLoss(faceLoss, batch, previous, symmetry);
  const lossState = Object.fromEntries(
    Object.entries(result.state).map(([name, tensor]) => [lossStateName(name), tensor]),
  );
  const state = { ...statistics, ...lossState };
  const parts = [result.faceLoss, result.symmetryLoss];
  if (backwardCompatibility === undefined) return { loss: result.loss, parts, state };
  const parentClasses = tensorOf(given, PARENT_CLASSES) as tf.Tensor2D;
  const compatibility = backwardCompatibilityLoss(faceLoss, batch, parentClasses, previous);
  const loss = tf.add<tf.Scalar>(result.loss, tf.mul(compatibility, backwardCompatibility.weight));
  return { loss, parts: [...parts, compatibility], state };
}

function tensorOf(tensors: Variables, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new RangeError(`a training step needs ${name}`);
  return tensor;
}

/** @throws RangeError where there are fewer tensors than names */
function byName(names: readonly string[], tensors: readonly tf.Tensor[]): Variables {
  return Object.fromEntries(
    names.map((name, index) => {
      const tensor = tensors[index];
      if (tensor === undefined) throw new RangeError(`a training step needs ${name}`);
      return [name, tensor];
    }),
  );
}
