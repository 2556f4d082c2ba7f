import { type Command, Option } from 'commander';
import type { TrainingLoss } from '../../generated/symface/v1/TrainingLoss.js';
import type { TrainingPolicy } from '../../generated/symface/v1/TrainingPolicy.js';
import { naturalNumber, numberAtLeastZero, positiveInteger } from '../session.js';

const losses = {
  arcface: 'TRAINING_LOSS_ARCFACE',
  cosface: 'TRAINING_LOSS_COSFACE',
  adaface: 'TRAINING_LOSS_ADAFACE',
} as const satisfies Record<string, TrainingLoss>;

export interface PolicyOptions {
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly batchSize?: number;
  readonly loss?: keyof typeof losses;
  readonly symmetryWeight?: number;
  readonly minIdentities?: number;
  readonly minFaces?: number;
  readonly minFrontal?: number;
  readonly holdOut?: number;
  readonly seed?: number;
  readonly patience?: number;
  readonly replayIdentities?: number;
}

/** Adds the options that say how to train, which {@link policyOf} reads. */
export function withPolicyOptions(command: Command): Command {
  return command
    .option('--epochs <count>', 'how often each face is trained on', positiveInteger)
    .option('--learning-rate <rate>', 'of gradient descent', numberAtLeastZero)
    .option('--batch-size <count>', 'faces and halves of a step', positiveInteger)
    .addOption(new Option('--loss <loss>', 'the face loss').choices(Object.keys(losses)))
    .option('--symmetry-weight <factor>', 'of the symmetry term; 0 for none', numberAtLeastZero)
    .option('--min-identities <count>', 'refuse to train on fewer', positiveInteger)
    .option('--min-faces <count>', 'leave out identities with fewer', positiveInteger)
    .option('--min-frontal <share>', 'refuse where fewer of the faces are frontal', numberAtLeastZero)
    .option('--hold-out <share>', 'of the identities, to compare on', numberAtLeastZero)
    .option('--seed <number>', 'of the order of faces', naturalNumber)
    .option(
      '--patience <evaluations>',
      'end after so many epochs without a better one; 0 for never',
      naturalNumber,
    )
    .option(
      '--replay-identities <count>',
      'at most so many of SYMFACE_REPLAY_DATA; 0 for none',
      naturalNumber,
    );
}

/** What of the policy the options state. */
export function policyOf(options: PolicyOptions): TrainingPolicy {
  const { epochs, learningRate, batchSize, loss, symmetryWeight, seed } = options;
  const stated = {
    epochs,
    learningRate,
    batchSize,
    symmetryWeight,
    seed,
    minimumIdentities: options.minIdentities,
    minimumFacesPerIdentity: options.minFaces,
    minimumFrontalShare: options.minFrontal,
    holdOutFraction: options.holdOut,
    earlyStoppingPatience: options.patience,
    replayIdentities: options.replayIdentities,
    loss: loss && losses[loss],
  };
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}
