import type { FrontnessReport } from '../../datasets/tags/frontness-report.js';
import { countPassedOver, type PassedOver, passedOverText } from '../../datasets/identities/passed-over.js';
import { tableLines } from './table.js';

/** What one run of `dataset tag` has come to. */
export interface TagRun {
  readonly format: string;
  readonly imageKind: string;
  readonly detectorVersion: string;
  /** The path of the file of tags. */
  readonly file: string;
  readonly taggedCount: number;
  /** How many images had their tag before. */
  readonly knownCount: number;
  readonly seconds: number;
  /** What was seen beside the images and is not used. */
  readonly passedOver: readonly PassedOver[];
  /** What else whoever uses them should know, as sentences without their full stop. */
  readonly remarks: readonly string[];
}

export function tagReportLines(run: TagRun, report: FrontnessReport): readonly string[] {
  const { taggedCount, knownCount, seconds } = run;
  const others = passedOverText(run.passedOver);
  const speed = taggedCount === 0 ? '' : ` (${(taggedCount / seconds).toFixed(1)}/s)`;
  const rows = report.crossPosed.map(({ threshold, share, count }) => [
    threshold.toFixed(2),
    Number.isNaN(share) ? '-' : `${(share * 100).toFixed(1)} %`,
    String(count),
  ]);
  return [
    `Tagged ${taggedCount} images in ${seconds.toFixed(1)} s${speed}; ${knownCount} were tagged before.`,
    `  detector  ${run.detectorVersion}`,
    `  faces     in ${report.faceCount} of ${report.imageCount} images`,
    ...report.faceless.map(({ reason, count }) => `  no face   in ${count} images: ${reason}`),
    ...(others === undefined ? [] : [`  beside    ${others}`]),
    ...run.remarks.map((remark) => `  note      ${remark}`),
    `  tags      ${run.file}`,
    '',
    ...tableLines(['τ', 'CROSS-POSED (ρ ≤ τ)', 'IMAGES'], rows).map((line) => `  ${line}`),
  ];
}

export function tagReportJson(run: TagRun, report: FrontnessReport): string {
  return JSON.stringify({ ...run, passedOver: countPassedOver(run.passedOver), ...report });
}
