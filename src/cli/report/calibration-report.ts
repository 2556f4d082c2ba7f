import type { ModelCalibration__Output } from '../../generated/symface/v1/ModelCalibration.js';
import type { ThresholdBand__Output } from '../../generated/symface/v1/ThresholdBand.js';
import { idIn } from '../enrolment-names.js';
import { falseMatchRateText } from '../../core/protocols/figure-text.js';
import { tableLines } from './table.js';

/** A model version's calibration, for people: what it decides by, from easy pairs to hard ones. */
export function calibrationLines(calibration: ModelCalibration__Output): readonly string[] {
  const { probabilitySlope, probabilityOffset } = calibration;
  const rows = calibration.thresholds.map(({ falseMatchRate, similarityThreshold, bands }) => [
    falseMatchRateText(falseMatchRate),
    similarityThreshold.toFixed(4),
    ...[0, 0.5, 0.9, 1].map((share) => bandText(bands, share)),
    String(bands.length),
  ]);
  return [
    `${idIn(calibration.modelVersion)}: calibrated ${originText(calibration)}`,
    `  ${calibration.impostorPairCount} impostor pairs`,
    `  match probability = 1 / (1 + exp(-(${probabilitySlope.toFixed(3)} * moved similarity + ${probabilityOffset.toFixed(3)})))`,
    ...tableLines(headings, rows).map((line) => `  ${line}`),
    '  Of pairs harder than the hardest no threshold is known.',
  ];
}

function originText({ benchmarkRun, createTime, description }: ModelCalibration__Output): string {
  if (createTime === '') return `as its manifest says: ${description}`;
  const run = benchmarkRun === '' ? '' : `${idIn(benchmarkRun)} on `;
  return `by ${run}${description}, ${createTime}`;
}

const headings = ['FMR', 'OF ALL PAIRS', 'EASIEST', 'HALF OF THEM', 'NINE TENTHS', 'HARDEST', 'BANDS'];

/** The threshold of the band in which a share of the impostor pairs ends, the easiest first. */
function bandText(bands: readonly ThresholdBand__Output[], share: number): string {
  const pairs = bands.reduce((sum, { impostorPairCount }) => sum + impostorPairCount, 0);
  let before = 0;
  const band = bands.find(({ impostorPairCount }) => (before += impostorPairCount) >= share * pairs);
  return band?.similarityThreshold.toFixed(4) ?? '-';
}
