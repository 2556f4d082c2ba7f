import { type Command, InvalidArgumentError, Option } from 'commander';
import type { QualityFinding__Output } from '../generated/symface/v1/QualityFinding.js';
import type { QualityRequirement } from '../generated/symface/v1/QualityRequirement.js';

/** What the user says of the fitness of faces that are compared. */
export interface QualityOptions {
  readonly minUtility?: number;
  readonly minDetail?: number;
  readonly allowLowQuality?: true;
}

/** Adds `--min-utility`, `--min-detail` and `--allow-low-quality`. */
export function withQualityOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--min-utility <utility>',
        'refuse faces below this utility, 0 to 100 (the service has a default)',
      ).argParser(utility),
    )
    .addOption(
      new Option(
        '--min-detail <pixels>',
        'refuse faces that show less detail than one of so many pixels (the service has a default)',
      ).argParser(detail),
    )
    .option('--allow-low-quality', 'compare blurred, dark or hidden faces all the same, and say so');
}

/** The request's field; nothing where the user said nothing. */
export function qualityRequirement({ minUtility, minDetail, allowLowQuality }: QualityOptions): {
  readonly quality?: QualityRequirement;
} {
  if ([minUtility, minDetail, allowLowQuality].every((option) => option === undefined)) return {};
  return {
    quality: {
      ...(minUtility !== undefined && { minimumUtility: minUtility }),
      ...(minDetail !== undefined && { minimumDetailPixels: minDetail }),
      allowLowQuality: allowLowQuality ?? false,
    },
  };
}

/** A line for each face that was compared although it is not fit. @param labelOf what the user calls a request's field */
export function findingLines(
  findings: readonly QualityFinding__Output[],
  labelOf: (field: string) => string,
): readonly string[] {
  return findings.map(
    ({ field, reason, message }) => `  low quality: ${labelOf(field)}: ${reason}: ${message}`,
  );
}

function detail(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1_000) return value;
  throw new InvalidArgumentError('Give a width from 0 to 1000 pixels.');
}

function utility(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('Give a utility from 0 to 100.');
}
