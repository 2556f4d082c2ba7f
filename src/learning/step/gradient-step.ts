import { byName, gradientsOf, tensorOf } from './batch-gradients.js';
import {
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
  type TrainingStep,
} from './step-definition.js';

/**
 * The part of a training step that is worth compiling: a batch, the weights and the statistics go in; the figures, the
 * gradients of what is trained (by `gradientName`) and the next statistics come out. Descent is {@link HostSgd}'s.
 *
 * @throws RangeError where the spec is not possible
 */
export function gradientStep(spec: TrainingSpec): TrainingStep {
  requireTrainingSpec(spec);
  const names = trainedParametersOf(spec).map(({ name }) => name);
  const statistics = changedStatistics(spec);
  const parameterInputs = parametersOfSpec(spec).map(({ name, shape }) => floatInput(name, shape));
  const inputs = [...sampleInputs(spec), ...parameterInputs, ...statisticInputs(spec)];
  requireDistinct(inputs.map(({ name }) => name));
  // The norm is that of all batches of a step, which one batch does not know.
  const figures = figuresOf(spec).filter((name) => name !== 'gradientNorm');
  return {
    inputs,
    figures,
    outputs: [...figures, ...names.map(gradientName), ...statistics],
    run: (...tensors) => {
      const given = byName(
        inputs.map(({ name }) => name),
        tensors,
      );
      const parameters = names.map((name) => tensorOf(given, name));
      const { figures: told, gradients, state } = gradientsOf(spec, given, parameters);
      return [...told, ...gradients, ...statistics.map((name) => tensorOf(state, name))];
    },
  };
}
