import type { WeightArray, Weights } from '../../domain/model/weights.js';
import type { TrainingBatch } from '../data/training-batch.js';
import type { Learner } from './learner.js';
import type { StepReport, TrainingState } from './training-engine.js';
import { BATCH_INPUTS, lossStateName, STEP_FIGURES, type StepInput, velocityName } from './training-step.js';

/** The arrays of a state by the names that they have among a step's inputs. */
export type StateArrays = ReadonlyMap<string, Float32Array>;

/** @throws RangeError where the state lacks an array of the step, or has another size of it */
export function arraysOfState(state: TrainingState, inputs: readonly StepInput[]): StateArrays {
  const { weights, velocities, lossState } = state;
  const arrays = new Map<string, Float32Array>();
  for (const [name, { values }] of weights) arrays.set(name, values);
  for (const [name, { values }] of velocities) arrays.set(velocityName(name), values);
  for (const [name, value] of Object.entries(lossState))
    arrays.set(lossStateName(name), Float32Array.of(value));
  const used = inputs.filter(({ name }) => !isOfBatch(name));
  for (const { name, shape } of used) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (arrays.get(name)?.length !== size)
      throw new RangeError(`the state of the training lacks ${name} of the shape [${shape.join(', ')}]`);
  }
  return new Map(used.map(({ name }) => [name, arrays.get(name) ?? new Float32Array()]));
}

/** The inverse of {@link arraysOfState}; the arrays are copied. */
export function stateOfArrays(
  arrays: StateArrays,
  learner: Learner,
  inputs: readonly StepInput[],
): TrainingState {
  const weights = new Map<string, WeightArray>();
  const velocities = new Map<string, WeightArray>();
  for (const { name, shape } of inputs) {
    const values = arrays.get(name);
    if (values === undefined || name.startsWith(lossStateName(''))) continue;
    const isVelocity = name.startsWith(velocityName(''));
    const target = isVelocity ? velocities : weights;
    target.set(isVelocity ? name.slice(velocityName('').length) : name, { shape, values: values.slice() });
  }
  const lossState = Object.fromEntries(
    Object.keys(learner.faceLoss.initialState).map((name) => [
      name,
      arrays.get(lossStateName(name))?.[0] ?? Number.NaN,
    ]),
  );
  return { weights: weights satisfies Weights, velocities, lossState };
}

/** A batch by the names of a step's inputs. */
export function arraysOfBatch(
  { images, labels, sampleMask, rho }: TrainingBatch,
  learningRate: number,
): ReadonlyMap<string, Float32Array | Int32Array> {
  return new Map<string, Float32Array | Int32Array>([
    ['images', images],
    ['labels', labels],
    ['sampleMask', sampleMask],
    ['rho', rho],
    ['learningRate', Float32Array.of(learningRate)],
  ]);
}

/** @param figures in the order of `STEP_FIGURES` */
export function stepReport(figures: readonly number[]): StepReport {
  const [loss = Number.NaN, faceLoss = Number.NaN, symmetryLoss = Number.NaN, gradientNorm = Number.NaN] =
    figures;
  return { loss, faceLoss, symmetryLoss, gradientNorm };
}

/** The first figure that is not finite. */
export function divergedFigure(report: StepReport): keyof StepReport | undefined {
  return STEP_FIGURES.find((name) => !Number.isFinite(report[name]));
}

const batchNames: ReadonlySet<string> = new Set(BATCH_INPUTS);

function isOfBatch(name: string): boolean {
  return batchNames.has(name);
}
