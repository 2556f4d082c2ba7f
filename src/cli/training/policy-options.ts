import { type Command, Option } from 'commander';
import type { TrainingPolicy } from '../../generated/symface/v1/TrainingPolicy.js';
import { lossMessage, retrainingLosses } from '../../service/lifecycle/retraining/retraining-losses.js';
import {
  type RetrainingSetting,
  retrainingSettings,
} from '../../service/lifecycle/retraining/retraining-policy.js';
import { naturalNumber, numberAtLeastZero, positiveInteger } from '../session.js';

const numericOptions = Object.entries<RetrainingSetting>(retrainingSettings).flatMap(([name, setting]) =>
  setting.option === undefined ? [] : [{ name, option: optionOf(setting, setting.option) }],
);
const lossOption = new Option('--loss <loss>', 'the face loss').choices(retrainingLosses);

const findRateOption = new Option(
  '--find-learning-rate',
  'by a short range test before the first step, instead of saying it',
);

function optionOf(
  { isWhole, from }: RetrainingSetting,
  { flags, description }: NonNullable<RetrainingSetting['option']>,
): Option {
  const parse = isWhole !== true ? numberAtLeastZero : from > 0 ? positiveInteger : naturalNumber;
  return new Option(flags, description).argParser(parse);
}

/** Adds the options that say how to train, which {@link policyOf} reads. */
export function withPolicyOptions(command: Command): Command {
  for (const { option } of numericOptions) command.addOption(option);
  return command.addOption(lossOption).addOption(findRateOption);
}

/** What of the policy a command's options state. */
export function policyOf(options: object): TrainingPolicy {
  const values = new Map<string, unknown>(Object.entries(options));
  const loss = retrainingLosses.find((name) => name === values.get(lossOption.attributeName()));
  const isFound = values.get(findRateOption.attributeName()) === true;
  return {
    ...statedNumbers(options),
    ...(loss !== undefined && { loss: lossMessage(loss) }),
    ...(isFound && { findLearningRate: true }),
  };
}

/** The numbers of the policy that a command's options state, by their names in the policy. */
export function statedNumbers(options: object): Readonly<Record<string, number>> {
  const values = new Map<string, unknown>(Object.entries(options));
  return Object.fromEntries(
    numericOptions.flatMap(({ name, option }) => {
      const value = values.get(option.attributeName());
      return typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}
