import { EagerTrainingEngine } from '../../src/learning/engines/eager-training-engine.js';
import { OrtTrainingEngine } from '../../src/learning/engines/ort-training-engine.js';
import type { TrainingSpec } from '../../src/learning/step/training-spec.js';
import type { TrainingEngine, TrainingState } from '../../src/learning/step/training-engine.js';

export type EngineKind = 'eager' | 'compiled';

export async function startEngine(
  kind: EngineKind,
  spec: TrainingSpec,
  state: TrainingState,
): Promise<TrainingEngine> {
  return kind === 'eager'
    ? EagerTrainingEngine.start(spec, state)
    : OrtTrainingEngine.start(spec, state, { provider: 'cpu', threads: 1 });
}

/** Largest difference of two states' arrays, relative to the largest value of the array. */
export function differenceOf(first: TrainingState, second: TrainingState): number {
  const arrays = [...first.weights, ...first.velocities].map(([, { values }]) => values);
  const others = [...second.weights, ...second.velocities].map(([, { values }]) => values);
  const differences = arrays.map((values, index) => {
    const other = others[index]!;
    const size = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
    return values.reduce((worst, value, at) => Math.max(worst, Math.abs(value - other[at]!)), 0) / size;
  });
  return Math.max(...differences);
}

/** How far all weights together have moved apart, relative to how far they have moved. */
export function updateError(states: Record<'before' | 'expected' | 'actual', TrainingState>): number {
  const flat = ({ weights }: TrainingState) => [...weights.values()].flatMap(({ values }) => [...values]);
  const [before, expected, actual] = [flat(states.before), flat(states.expected), flat(states.actual)];
  const distance = (a: number[], b: number[]) =>
    Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0));
  return distance(actual, expected) / distance(expected, before);
}
