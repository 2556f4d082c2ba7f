import { type Command, Option } from 'commander';
import { cosine, falseMatchRate } from './session.js';

/** Values of `--threshold` and `--fmr`. */
export interface ThresholdOptions {
  readonly threshold?: number;
  readonly fmr?: number;
}

/** Adds the options that say from which similarity on faces match. */
export function withThresholdOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--fmr <rate>', 'the calibrated threshold of this false match rate, for example 1e-3')
        .argParser(falseMatchRate)
        .conflicts('threshold'),
    )
    .option(
      '--threshold <cosine>',
      "similarity from which on faces match; else the model's own for such photographs (docs/thresholds.md). Each model has a scale of its own: prefer --fmr",
      cosine,
    );
}

/** The same as fields of a request. */
export function thresholdFields({ threshold, fmr }: ThresholdOptions): {
  readonly similarityThreshold?: number;
  readonly falseMatchRate?: number;
} {
  return {
    ...(threshold !== undefined && { similarityThreshold: threshold }),
    ...(fmr !== undefined && { falseMatchRate: fmr }),
  };
}
