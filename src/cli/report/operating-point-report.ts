import type { OperatingPoint__Output } from '../../generated/symface/v1/OperatingPoint.js';
import { idIn } from '../enrolment-names.js';

/** The false match rate in force, for people. */
export function operatingPointLines(point: OperatingPoint__Output): readonly string[] {
  const { falseMatchRate, setTime, actor, modelVersion, similarityThreshold } = point;
  const supported = point.supportedFalseMatchRates.map((rate) => rate.toExponential(0)).join(', ');
  const threshold =
    similarityThreshold === undefined
      ? 'no threshold at this rate (symface calibrate)'
      : `similarity threshold ${similarityThreshold.toFixed(4)} over all pairs`;
  return [
    `false match rate ${falseMatchRate.toExponential(0)}: ${setTime === '' ? 'the default' : `set by ${actor}, ${setTime}`}`,
    `  ${idIn(modelVersion)}: ${threshold}`,
    `  thresholds at: ${supported === '' ? 'no rate' : supported}`,
  ];
}
