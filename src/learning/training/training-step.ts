import * as tf from '@tensorflow/tfjs';

import type { Variables } from '../layers/evaluation.js';
import { symFaceLoss } from '../losses/sym-face.js';
import { descend, gradientNorm } from './descent.js';
import { HEAD, type Learner, learnerParameters, learnerStatistics, requireLearner } from './learner.js';

/** An array that goes into a step. */
export interface StepInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** Figures of a step in the order of its first outputs. */
export const STEP_FIGURES = ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm'] as const;
/** Its inputs that differ from step to step. */
export const BATCH_INPUTS = ['images', 'labels', 'sampleMask', 'rho', 'learningRate'] as const;

/**
 * One step of training as a function without side effects, so that it can be traced: the batch and the state go in,
 * the figures and the next state come out.
 */
export interface TrainingStep {
  /** The batch (`BATCH_INPUTS`), then the state. Where no face is split there is no `rho`. */
  readonly inputs: readonly StepInput[];
  /** Names of `STEP_FIGURES`, then of the state that changes: each the name of an input. */
  readonly outputs: readonly string[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/** Names of a state's arrays among a step's inputs and outputs: a parameter has its own. */
export const velocityName = (parameter: string): string => `velocity/${parameter}`;
export const lossStateName = (statistic: string): string => `loss/${statistic}`;

/** @throws RangeError where the learner is not possible */
export function trainingStep(learner: Learner): TrainingStep {
  requireLearner(learner);
  const inputs = [...batchInputs(learner), ...stateInputs(learner)];
  const parameters = learnerParameters(learner);
  const changed = [
    ...parameters.map(({ name }) => name),
    ...parameters.map(({ name }) => velocityName(name)),
    ...learnerStatistics(learner).map(({ name }) => name),
    ...Object.keys(learner.faceLoss.initialState).map(lossStateName),
  ];
  return {
    inputs,
    outputs: [...STEP_FIGURES, ...changed],
    run: (...tensors) => {
      const given = byName(
        inputs.map(({ name }) => name),
        tensors,
      );
      const { figures, state } = stepOf(learner, given);
      return [...figures, ...changed.map((name) => tensorOf(state, name))];
    },
  };
}

function batchInputs({ batch }: Learner): readonly StepInput[] {
  const { batchSize, splitSlots, imageHeight, imageWidth } = batch;
  const rho: StepInput = { name: 'rho', shape: [splitSlots], dtype: 'float32' };
  return [
    { name: 'images', shape: [batchSize, imageHeight, imageWidth, 3], dtype: 'float32' },
    { name: 'labels', shape: [batchSize], dtype: 'int32' },
    { name: 'sampleMask', shape: [batchSize], dtype: 'float32' },
    ...(splitSlots === 0 ? [] : [rho]),
    { name: 'learningRate', shape: [], dtype: 'float32' },
  ];
}

function stateInputs(learner: Learner): readonly StepInput[] {
  const parameters = learnerParameters(learner);
  const float = (name: string, shape: readonly number[]): StepInput => ({ name, shape, dtype: 'float32' });
  return [
    ...parameters.map(({ name, shape }) => float(name, shape)),
    ...parameters.map(({ name, shape }) => float(velocityName(name), shape)),
    ...learner.backbone.statistics.map(({ name, shape }) => float(name, shape)),
    ...Object.keys(learner.faceLoss.initialState).map((name) => float(lossStateName(name), [])),
  ];
}

interface Stepped {
  readonly figures: readonly tf.Scalar[];
  readonly state: Variables;
}

function stepOf(learner: Learner, given: Variables): Stepped {
  const specs = learnerParameters(learner);
  const names = specs.map(({ name }) => name);
  const parameters = names.map((name) => tensorOf(given, name));
  const { figures, gradients, state } = gradientsOf(learner, given, parameters);
  const norm = gradientNorm(gradients);
  const velocities = names.map((name) => tensorOf(given, velocityName(name)));
  const learningRate = tensorOf(given, 'learningRate') as tf.Scalar;
  const descending = { specs, parameters, velocities, gradients, learningRate };
  const next = descend(descending, norm, learner.descent);
  return {
    figures: [...figures, norm],
    state: {
      ...state,
      ...byName(names, next.parameters),
      ...byName(names.map(velocityName), next.velocities),
    },
  };
}

interface Gradients {
  /** loss, faceLoss, symmetryLoss */
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
    parts = [result.faceLoss, result.symmetryLoss];
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
  readonly faceLoss: tf.Scalar;
  readonly symmetryLoss: tf.Scalar;
  readonly state: Variables;
}

function lossOfBatch(
  { backbone, faceLoss, symmetry, normalisation }: Learner,
  given: Variables,
): LossOfBatch {
  const images = tensorOf(given, 'images') as tf.Tensor4D;
  const { embeddings, statistics } = backbone.forward(images, given, { normalisation });
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
  return { ...result, state: { ...statistics, ...lossState } };
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
