import type { ModelCalibration__Output } from '../../generated/symface/v1/ModelCalibration.js';
import { idIn } from '../enrolment-names.js';
import { tableLines } from './table.js';

/** A model version's calibration, for people; `*` marks the threshold that Verify uses. */
export function calibrationLines(calibration: ModelCalibration__Output): readonly string[] {
  const { defaultFalseMatchRate, probabilitySlope, probabilityOffset } = calibration;
  const rows = calibration.thresholds.map(({ falseMatchRate, similarityThreshold, interval }) => [
    falseMatchRate === defaultFalseMatchRate ? '*' : '',
    falseMatchRate.toExponential(0),
    similarityThreshold.toFixed(4),
    interval === null ? '' : `${interval.lower.toFixed(4)} to ${interval.upper.toFixed(4)}`,
  ]);
  return [
    `${idIn(calibration.modelVersion)}: calibrated by ${idIn(calibration.benchmarkRun)}, ${calibration.createTime}`,
    `  ${calibration.impostorPairCount} impostor pairs`,
    `  match probability = 1 / (1 + exp(-(${probabilitySlope.toFixed(3)} * similarity + ${probabilityOffset.toFixed(3)})))`,
    ...tableLines(['', 'FMR', 'SIMILARITY', '95 % INTERVAL'], rows).map((line) => `  ${line}`),
  ];
}
