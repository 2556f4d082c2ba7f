import type * as tf from '@tensorflow/tfjs';

import { dropoutShape, type TrainingSpec, changingStatistics, lossStatistics } from './training-spec.js';
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
  'distillationLoss',
  'gradientNorm',
] as const satisfies readonly (keyof StepReport)[];
/** A teacher's embeddings among the inputs; the slash keeps them apart from the names of backbones' arrays. */
export const TARGETS = 'distillation/targets';
export const TARGET_MASK = 'distillation/mask';

/** The inputs of a step that differ from step to step. */
export const BATCH_INPUTS = [
  'images',
  'labels',
  'sampleMask',
  'rho',
  'dropoutMask',
  TARGETS,
  TARGET_MASK,
  'learningRate',
  'gradientShare',
  'isLast',
  'lossScale',
] as const;

/** A function that can be compiled: names and shapes of what goes in, names of what comes out. */
export interface StepFunction {
  readonly inputs: readonly StepInput[];
  readonly outputs: readonly string[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/**
 * One step of training as a function without side effects, so that it can be traced: the batch and the state go in,
 * the figures and the next state come out.
 */
export interface TrainingStep extends StepFunction {
  /**
   * The batch (`BATCH_INPUTS`), then the state. Where there is no face loss there are no `labels`, where no face is split
   * there is no `rho`, where no feature is dropped no `dropoutMask`, where there is no teacher neither targets nor their
   * mask, where gradients are not accumulated neither `gradientShare` nor `isLast`, and where
   * the loss is not scaled no `lossScale`.
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

/** Names of the figures of a step; that of distillation is among them only where there is a teacher. */
export function figuresOf({
  distillation,
}: Pick<TrainingSpec, 'distillation'>): readonly (keyof StepReport)[] {
  return ALL_FIGURES.filter((name) => name !== 'distillationLoss' || distillation !== undefined);
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

/** The inputs of a batch itself, whatever is done with its gradients. */
export function sampleInputs(spec: TrainingSpec): readonly StepInput[] {
  const { batch, backbone, faceLoss, distillation } = spec;
  const dropped = dropoutShape(spec);
  const { batchSize, splitSlots, imageHeight, imageWidth } = batch;
  const labels: StepInput = { name: 'labels', shape: [batchSize], dtype: 'int32' };
  const teacher = [
    floatInput(TARGETS, [batchSize, backbone.embeddingSize]),
    floatInput(TARGET_MASK, [batchSize]),
  ];
  return [
    { name: 'images', shape: [batchSize, imageHeight, imageWidth, 3], dtype: 'float32' },
    ...(faceLoss === undefined ? [] : [labels]),
    { name: 'sampleMask', shape: [batchSize], dtype: 'float32' },
    ...(splitSlots === 0 ? [] : [floatInput('rho', [splitSlots])]),
    ...(dropped === undefined ? [] : [floatInput('dropoutMask', dropped)]),
    ...(distillation === undefined ? [] : teacher),
  ];
}

/** The inputs of what a state holds beside the parameters and their momentum. */
export function statisticInputs(spec: TrainingSpec): readonly StepInput[] {
  return [
    ...spec.backbone.statistics.map(({ name, shape }) => floatInput(name, shape)),
    ...lossStatistics(spec).map((name) => floatInput(lossStateName(name), [])),
  ];
}

/** Names of those that a step changes. */
export function changedStatistics(spec: TrainingSpec): readonly string[] {
  return [...changingStatistics(spec).map(({ name }) => name), ...lossStatistics(spec).map(lossStateName)];
}

export function floatInput(name: string, shape: readonly number[]): StepInput {
  return { name, shape, dtype: 'float32' };
}
