import { Failure } from '../../core/failure.js';
import type { StepReport } from '../step/training-engine.js';

/** What both engines throw where a step is not finite. */
export function divergence(figure: keyof StepReport, report: StepReport): Failure {
  return new Failure(
    'TRAINING_DIVERGED',
    `The ${figure} of a step is ${report[figure]}. Its update was not applied; lower the learning rate or clip gradients.`,
    { figure },
  );
}
