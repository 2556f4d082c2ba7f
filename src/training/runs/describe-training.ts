import type { DataLoader } from '../data/data-loader.js';
import type { ModelOrigin } from '../export/export-model.js';
import type { TrainingConfiguration } from '../configuration/training-configuration.js';

export interface DescribedTraining {
  /** What the network was or where it came from. */
  readonly start: string;
  readonly steps: number;
  readonly data: Pick<DataLoader, 'ownSummary' | 'replay'>;
  /** The share of the way to the trained weights that it is of; undefined for all of it. */
  readonly trainedShare: number | undefined;
  /** By which its crops are smoothed; 0 or absent: they are not. */
  readonly smoothingPixels?: number;
  /** What was distilled, where something was. */
  readonly teacher?: string | undefined;
}

/** What the manifest of a trained network says of its training. */
export function describeTraining(
  configuration: TrainingConfiguration,
  { start, steps, data, teacher, trainedShare, smoothingPixels = 0 }: DescribedTraining,
): ModelOrigin {
  const { name, license, seed } = configuration;
  const part = trainedShare === undefined ? '' : `, ${trainedShare} of the way`;
  const crops = smoothingPixels === 0 ? '' : `, crops smoothed by ${smoothingPixels} pixels`;
  return {
    name,
    license,
    source: `symface train ${name}: ${start}, ${lossesOf(configuration, teacher)}, ${steps} steps, seed ${seed}${part}${crops}`,
    training: {
      configuration: name,
      start,
      seeds: [seed],
      steps,
      data: data.ownSummary(),
      ...(data.replay === undefined ? {} : { replay: data.replay }),
    },
  };
}

/**
 * The terms that are trained on, for people.
 * @param teacher its origin; where absent, it is what the configuration calls it
 */
export function lossesOf(
  { loss, symmetry, distillation }: TrainingConfiguration,
  teacher = distillation && Object.values(distillation.teacher).join(),
): string {
  const terms = [loss?.name, symmetry && 'SymFace', teacher && `distillation of ${teacher}`];
  return terms.filter((term) => term !== undefined).join(' + ');
}
