import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { NO_ACCUMULATION } from './accumulation.js';
import { type TrainingSpec, lossStatistics } from './training-spec.js';
import type { Accumulation, StepReport, TrainingState } from './training-engine.js';
import {
  BATCH_INPUTS,
  gradientName,
  lossStateName,
  type StepInput,
  TARGET_MASK,
  TARGETS,
  type TrainingStep,
  velocityName,
} from './step-definition.js';

/** The arrays of a state by the names that they have among a step's inputs. */
export type StateArrays = ReadonlyMap<string, Float32Array>;

/** @throws RangeError where the state lacks an array of the step, or has another size of it */
export function arraysOfState(state: TrainingState, inputs: readonly StepInput[]): StateArrays {
  const { weights, velocities, lossState, gradients } = state;
  const arrays = new Map<string, Float32Array>();
  for (const [name, { values }] of weights) arrays.set(name, values);
  for (const [name, { values }] of velocities) arrays.set(velocityName(name), values);
  for (const [name, value] of Object.entries(lossState))
    arrays.set(lossStateName(name), Float32Array.of(value));
  const used = inputs.filter(({ name }) => !isOfBatch(name));
  // Between two steps of descent nothing is summed up.
  for (const { name, shape } of used.filter(isGradient))
    arrays.set(name, gradients?.get(gradientOf(name))?.values ?? new Float32Array(sizeOf(shape)));
  for (const { name, shape } of used) {
    if (arrays.get(name)?.length !== sizeOf(shape))
      throw new RangeError(`the state of the training lacks ${name} of the shape [${shape.join(', ')}]`);
  }
  return new Map(used.map(({ name }) => [name, arrays.get(name) ?? new Float32Array()]));
}

/** The inverse of {@link arraysOfState}; the arrays are copied. */
export function stateOfArrays(
  arrays: StateArrays,
  spec: TrainingSpec,
  inputs: readonly StepInput[],
): TrainingState {
  const weights = new Map<string, WeightArray>();
  const velocities = new Map<string, WeightArray>();
  const gradients = new Map<string, WeightArray>();
  for (const { name, shape } of inputs) {
    const values = arrays.get(name);
    if (values === undefined || name.startsWith(lossStateName(''))) continue;
    const array = { shape, values: values.slice() };
    if (isGradient({ name })) gradients.set(gradientOf(name), array);
    else if (name.startsWith(velocityName(''))) velocities.set(name.slice(velocityName('').length), array);
    else weights.set(name, array);
  }
  const lossState = Object.fromEntries(
    lossStatistics(spec).map((name) => [name, arrays.get(lossStateName(name))?.[0] ?? Number.NaN]),
  );
  const isMidway = [...gradients.values()].some(({ values }) => values.some((value) => value !== 0));
  return { weights: weights satisfies Weights, velocities, lossState, ...(isMidway ? { gradients } : {}) };
}

/** A batch by the names of a step's inputs. */
export function arraysOfBatch(
  { images, labels, sampleMask, rho, dropoutMask, targets }: TrainingBatch,
  learningRate: number,
  { batchCount, isLast }: Accumulation = NO_ACCUMULATION,
): ReadonlyMap<string, Float32Array | Int32Array> {
  return new Map<string, Float32Array | Int32Array>([
    ['images', images],
    ['labels', labels],
    ['sampleMask', sampleMask],
    ['rho', rho],
    ...(dropoutMask === undefined ? [] : [['dropoutMask', dropoutMask] as const]),
    ...(targets === undefined
      ? []
      : ([
          [TARGETS, targets.embeddings],
          [TARGET_MASK, targets.mask],
        ] as const)),
    ['learningRate', Float32Array.of(learningRate)],
    ['gradientShare', Float32Array.of(1 / batchCount)],
    ['isLast', Float32Array.of(isLast ? 1 : 0)],
  ]);
}

/** @param values one for each of the step's figures */
export function stepReport(figures: TrainingStep['figures'], values: readonly number[]): StepReport {
  const told = figures.map((name, index): [string, number] => [name, values[index] ?? Number.NaN]);
  return Object.fromEntries(told) as unknown as StepReport;
}

/** The first figure that is not finite. */
export function divergedValue(report: StepReport): keyof StepReport | undefined {
  const names = Object.keys(report) as (keyof StepReport)[];
  return names.find((name) => !Number.isFinite(report[name]));
}

function isGradient({ name }: Pick<StepInput, 'name'>): boolean {
  return name.startsWith(gradientName(''));
}

/** The parameter whose gradient it is. */
function gradientOf(name: string): string {
  return name.slice(gradientName('').length);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

const batchNames: ReadonlySet<string> = new Set(BATCH_INPUTS);

function isOfBatch(name: string): boolean {
  return batchNames.has(name);
}
