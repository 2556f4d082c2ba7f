import { initialWeights } from '../weights/initial-weights.js';
import { type TrainingSpec, parametersOfSpec } from './training-spec.js';
import type { TrainingState } from './training-engine.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';

/**
 * The state before the first step.
 * @param given arrays that are known already: those of a trained backbone, or of a head; the others are drawn
 */
export function initialState(spec: TrainingSpec, seed: number, given: Weights = new Map()): TrainingState {
  const parameters = parametersOfSpec(spec);
  const drawn = initialWeights({ parameters, statistics: spec.backbone.statistics }, seed);
  const velocities = new Map<string, WeightArray>(
    parameters.map(({ name, shape }) => [
      name,
      { shape, values: new Float32Array(drawn.get(name)?.values.length ?? 0) },
    ]),
  );
  const weights = new Map([...drawn].map(([name, array]) => [name, given.get(name) ?? array]));
  return {
    weights,
    velocities,
    lossState: spec.faceLoss?.initialState ?? {},
  };
}
