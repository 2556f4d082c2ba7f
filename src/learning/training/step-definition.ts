import type * as tf from '@tensorflow/tfjs';

import { dropoutShape, type Learner, learnerStatistics, PARENT_CLASSES } from './learner.js';
import type { StepReport } from './training-engine.js';

/** An array that goes into a step. */
export interface StepInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

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
  /** Names of the figures, then of what changes: of a gradient by {@link gradientName}, else the name of an input. */
  readonly outputs: readonly string[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/** Names of a state's arrays among a step's inputs and outputs: a parameter has its own. */
export const velocityName = (parameter: string): string => `velocity/${parameter}`;
export const gradientName = (parameter: string): string => `gradient/${parameter}`;
export const lossStateName = (statistic: string): string => `loss/${statistic}`;

/** Figures of a step, a part of which has only terms that are trained on. */
export function figuresOf({ backwardCompatibility }: Learner): readonly (keyof StepReport)[] {
  return ALL_FIGURES.filter((name) => name !== 'backwardCompatibilityLoss' || backwardCompatibility);
}

/** Names of an imported network are its file's own. @throws RangeError where one is another array's */
export function requireDistinct(names: readonly string[]): void {
  const taken = new Set<string>([...ALL_FIGURES, ...BATCH_INPUTS.filter((name) => !names.includes(name))]);
  for (const name of names) {
    if (taken.has(name))
      throw new RangeError(`a network cannot have an array of the name ${name}: the training step has one`);
    taken.add(name);
  }
}

/** Of a batch itself, whatever is done with its gradients. */
export function sampleInputs(learner: Learner): readonly StepInput[] {
  const { batch } = learner;
  const dropped = dropoutShape(learner);
  const { batchSize, splitSlots, imageHeight, imageWidth } = batch;
  const rho: StepInput = { name: 'rho', shape: [splitSlots], dtype: 'float32' };
  return [
    { name: 'images', shape: [batchSize, imageHeight, imageWidth, 3], dtype: 'float32' },
    { name: 'labels', shape: [batchSize], dtype: 'int32' },
    { name: 'sampleMask', shape: [batchSize], dtype: 'float32' },
    ...(splitSlots === 0 ? [] : [rho]),
    ...(dropped === undefined ? [] : [{ name: 'dropoutMask', shape: dropped, dtype: 'float32' } as const]),
  ];
}

/** Of what a state holds beside parameters and what descends them. */
export function statisticInputs(learner: Learner): readonly StepInput[] {
  return [
    ...parentClasses(learner).map(({ name, shape }) => floatInput(name, shape)),
    ...learner.backbone.statistics.map(({ name, shape }) => floatInput(name, shape)),
    ...Object.keys(learner.faceLoss.initialState).map((name) => floatInput(lossStateName(name), [])),
  ];
}

/** Names of those that a step changes. */
export function changedStatistics(learner: Learner): readonly string[] {
  return [
    ...learnerStatistics(learner).map(({ name }) => name),
    ...Object.keys(learner.faceLoss.initialState).map(lossStateName),
  ];
}

export function floatInput(name: string, shape: readonly number[]): StepInput {
  return { name, shape, dtype: 'float32' };
}

/** They go in and do not come out: a step has no way to change them. */
function parentClasses({ backbone, classCount, backwardCompatibility }: Learner) {
  if (backwardCompatibility === undefined) return [];
  return [{ name: PARENT_CLASSES, shape: [backbone.embeddingSize, classCount] }];
}
