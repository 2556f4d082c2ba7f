import { byName, gradientsOf, tensorOf } from './batch-gradients.js';
import { type Learner, learnerParameters, learnerStatistics, requireLearner } from './learner.js';
import {
  figuresOf,
  gradientName,
  lossStateName,
  parentClasses,
  requireDistinct,
  sampleInputs,
  type StepInput,
  type TrainingStep,
} from './step-definition.js';

/**
 * The part of a training step that is worth compiling: a batch, the weights and the statistics go in; the figures, the
 * gradients (by `gradientName`) and the next statistics come out. Descent is {@link HostDescent}'s.
 *
 * @throws RangeError where the learner is not possible
 */
export function gradientStep(learner: Learner): TrainingStep {
  requireLearner(learner);
  const names = learnerParameters(learner).map(({ name }) => name);
  const statistics = [
    ...learnerStatistics(learner).map(({ name }) => name),
    ...Object.keys(learner.faceLoss.initialState).map(lossStateName),
  ];
  const inputs = [...sampleInputs(learner), ...stateInputs(learner)];
  requireDistinct(inputs.map(({ name }) => name));
  // The norm is that of all batches of a step, which one batch does not know.
  const figures = figuresOf(learner).filter((name) => name !== 'gradientNorm');
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
      const { figures: told, gradients, state } = gradientsOf(learner, given, parameters);
      return [...told, ...gradients, ...statistics.map((name) => tensorOf(state, name))];
    },
  };
}

function stateInputs(learner: Learner): readonly StepInput[] {
  const float = (name: string, shape: readonly number[]): StepInput => ({ name, shape, dtype: 'float32' });
  return [
    ...learnerParameters(learner).map(({ name, shape }) => float(name, shape)),
    ...parentClasses(learner).map(({ name, shape }) => float(name, shape)),
    ...learner.backbone.statistics.map(({ name, shape }) => float(name, shape)),
    ...Object.keys(learner.faceLoss.initialState).map((name) => float(lossStateName(name), [])),
  ];
}
