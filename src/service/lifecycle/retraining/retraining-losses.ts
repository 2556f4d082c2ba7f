import type { TrainingLoss } from '../../../generated/symface/v1/TrainingLoss.js';

/**
 * The face losses that a retraining may have: every one of `src/learning/losses/face`, by the names there. They are listed
 * here once more since what the gateway loads has no tfjs; a test compares the lists.
 */
export const retrainingLosses = [
  'arcface',
  'cosface',
  'adaface',
  'curricularface',
  'magface',
  'normface',
  'softmax',
  'sphereface',
  'uniface',
  'unifiedmargin',
  'unitsface',
] as const;
export type RetrainingLoss = (typeof retrainingLosses)[number];

/** The loss as the contract calls it. */
export function lossMessage(loss: RetrainingLoss): TrainingLoss {
  return `TRAINING_LOSS_${loss.toUpperCase() as Uppercase<RetrainingLoss>}`;
}
