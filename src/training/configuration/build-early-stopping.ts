import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { Failure } from '../../core/failure.js';
import { EarlyStopping, type EvaluationHistory } from '../../learning/step/early-stopping.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';
import type { TrainingConfiguration } from './training-configuration.js';

/**
 * The figure that steps of a run are compared by. The area under the curve compares each genuine pair with each impostor
 * pair. The equal error rate, the accuracy and rates at a threshold change by whole pairs: of few ones, many steps have the
 * same, and which is the best is left to one pair at the threshold.
 */
export function stoppingMetric({ areaUnderCurve }: Pick<VerificationReport, 'areaUnderCurve'>): number {
  return areaUnderCurve;
}

/**
 * @param resumed of the checkpoint that the run goes on from
 * @returns undefined where the configuration has no early stopping
 * @throws Failure INVALID_ARGUMENT where there is nobody to measure it on
 */
export function buildEarlyStopping(
  { earlyStopping }: Pick<TrainingConfiguration, 'earlyStopping'>,
  sets: readonly Pick<EvaluationSet, 'name'>[],
  resumed: EvaluationHistory | undefined,
): EarlyStopping | undefined {
  if (earlyStopping === undefined) return undefined;
  if (sets.some(({ name }) => name === heldOutSet)) return new EarlyStopping(earlyStopping, resumed);
  throw new Failure(
    'INVALID_ARGUMENT',
    'earlyStopping needs at least two identities that are held out, and pairs of their faces: set data.identities.holdOut and evaluate.heldOutPairs.',
  );
}
