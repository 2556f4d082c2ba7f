import type { OperatingPoint__Output } from '../../generated/symface/v1/OperatingPoint.js';
import { idIn } from '../enrolment-names.js';
import { falseMatchRateText } from '../../core/protocols/figure-text.js';

/** The false match rate in force, for people. */
export function operatingPointLines(point: OperatingPoint__Output): readonly string[] {
  const { falseMatchRate, setTime, actor, modelVersion } = point;
  const supported = point.supportedFalseMatchRates.map((rate) => falseMatchRateText(rate)).join(', ');
  return [
    `false match rate ${falseMatchRateText(falseMatchRate)}: ${setTime === '' ? 'the default' : `set by ${actor}, ${setTime}`}`,
    `  ${idIn(modelVersion)}: ${thresholdText(point)}`,
    `  thresholds at: ${supported === '' ? 'no rate' : supported}`,
  ];
}

/** A calibrated version decides each pair by the threshold for such pairs: its number over all pairs alike would mislead. */
function thresholdText(point: OperatingPoint__Output): string {
  const { similarityThreshold, supportedFalseMatchRates, modelVersion } = point;
  if (similarityThreshold === undefined) return 'no threshold at this rate (symface calibrate)';
  return supportedFalseMatchRates.length === 0
    ? `similarity threshold ${similarityThreshold.toFixed(4)} for all pairs`
    : `each pair has the threshold for photographs that look so (symface models show ${idIn(modelVersion)})`;
}
