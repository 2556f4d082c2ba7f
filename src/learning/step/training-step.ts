import * as tf from '@tensorflow/tfjs';

import type { Variables } from '../layers/forward-pass.js';
import { byName, gradientsOf, tensorOf } from './batch-gradients.js';
import { sgdStep, gradientNorm } from './sgd.js';
import {
  isAccumulating,
  type TrainingSpec,
  parametersOfSpec,
  requireTrainingSpec,
  trainedParametersOf,
} from './training-spec.js';
import {
  changedStatistics,
  figuresOf,
  floatInput,
  gradientName,
  requireDistinct,
  sampleInputs,
  statisticInputs,
  type StepInput,
  type TrainingStep,
  velocityName,
} from './step-definition.js';

/**
 * @param scalesLoss whether gradients are computed of the loss times `lossScale`, and divided by it again, so that those
 *   that are computed in 16-bit floats do not vanish (mixed precision). Default: no
 * @throws RangeError where the spec is not possible
 */
export function trainingStep(spec: TrainingSpec, { scalesLoss = false } = {}): TrainingStep {
  requireTrainingSpec(spec);
  const scale = scalesLoss ? [floatInput('lossScale', [])] : [];
  const inputs = [...batchInputs(spec), ...scale, ...stateInputs(spec)];
  requireDistinct(inputs.map(({ name }) => name));
  const parameters = trainedParametersOf(spec);
  const changed = [
    ...parameters.map(({ name }) => name),
    ...parameters.map(({ name }) => velocityName(name)),
    ...(isAccumulating(spec) ? parameters.map(({ name }) => gradientName(name)) : []),
    ...changedStatistics(spec),
  ];
  const figures = figuresOf(spec);
  return {
    inputs,
    figures,
    outputs: [...figures, ...changed],
    run: (...tensors) => {
      const given = byName(
        inputs.map(({ name }) => name),
        tensors,
      );
      const { figures: told, state } = stepOf(spec, given);
      return [...told, ...changed.map((name) => tensorOf(state, name))];
    },
  };
}

function batchInputs(spec: TrainingSpec): readonly StepInput[] {
  const scalar = (name: string): StepInput => floatInput(name, []);
  return [
    ...sampleInputs(spec),
    scalar('learningRate'),
    ...(isAccumulating(spec) ? [scalar('gradientShare'), scalar('isLast')] : []),
  ];
}

function stateInputs(spec: TrainingSpec): readonly StepInput[] {
  const parameters = parametersOfSpec(spec);
  const named = (nameOf: (parameter: string) => string): StepInput[] =>
    parameters.map(({ name, shape }) => floatInput(nameOf(name), shape));
  return [
    ...named((name) => name),
    ...named(velocityName),
    ...(isAccumulating(spec) ? named(gradientName) : []),
    ...statisticInputs(spec),
  ];
}

interface Stepped {
  readonly figures: readonly tf.Scalar[];
  readonly state: Variables;
}

function stepOf(spec: TrainingSpec, given: Variables): Stepped {
  const specs = trainedParametersOf(spec);
  const names = specs.map(({ name }) => name);
  const parameters = names.map((name) => tensorOf(given, name));
  // Only one process alone takes a whole step at once.
  const alone = { ...spec, synchronisedNorms: false };
  const { figures, gradients: own, state } = gradientsOf(alone, given, parameters);
  const sums = isAccumulating(spec)
    ? own.map((gradient, index) => tf.add(tensorOf(given, gradientName(names[index] ?? '')), gradient))
    : undefined;
  const gradients = sums?.map((sum) => tf.mul(sum, tensorOf(given, 'gradientShare'))) ?? own;
  const norm = gradientNorm(gradients);
  const velocities = names.map((name) => tensorOf(given, velocityName(name)));
  const learningRate = tensorOf(given, 'learningRate') as tf.Scalar;
  const sgdInputs = { specs, parameters, velocities, gradients, learningRate };
  const next = sgdStep(sgdInputs, norm, spec.sgd);
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
 * Leaves all but the sums as it was before the last batch of a step, which sets them to 0. Products with 0 and 1 and
 * sums with 0 are exact, so that nothing is rounded on the way.
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
