import type { IdentityOverlap } from '../../training/overlap/identity-overlap.js';
import { percent } from '../../core/protocols/figure-text.js';
import { tableLines } from './table.js';

/** The lines that say the counts, the threshold and what chance alone would give. */
export function overlapLines(against: string, overlap: IdentityOverlap): readonly string[] {
  const { training, evaluation, threshold, resembling, falseAlarmRate, foundRate } = overlap;
  const sizes = tableLines(
    ['SET', 'IDENTITIES', 'FACES'],
    [
      ['training', String(training.identityCount), String(training.faceCount)],
      [against, String(evaluation.identityCount), String(evaluation.faceCount)],
    ],
  );
  const chance =
    falseAlarmRate === undefined
      ? [`Of ${against} it is not known who resembles another one, so nor how many of these do by chance.`]
      : [
          `By chance about ${(falseAlarmRate * training.identityCount).toFixed(1)}: ${percent(falseAlarmRate)} of the identities of ${against} resemble another one of it.`,
        ];
  const found =
    foundRate === undefined
      ? []
      : [
          `Of the identities of ${against} with two faces or more, ${percent(foundRate)} are found by half of them.`,
        ];
  const share = percent(resembling.length / training.identityCount);
  return [
    ...sizes,
    '',
    `${resembling.length} of ${training.identityCount} training identities (${share}) resemble someone in ${against}: similarity of templates above ${threshold.toFixed(4)}.`,
    ...chance,
    ...found,
    ...overlap.remarks.map((remark) => `${remark}.`),
  ];
}

export function overlapJson(against: string, overlap: IdentityOverlap): string {
  const { falseAlarmRate, training } = overlap;
  const expectedByChance = falseAlarmRate === undefined ? undefined : falseAlarmRate * training.identityCount;
  return JSON.stringify({ against, ...overlap, expectedByChance });
}
