import type { OperatingPoint } from '../generated/symface/v1/benchmark_service_pb.js';

/** A calibrated version decides each pair by the threshold for such pairs: its number over all pairs alike would mislead. */
export function thresholdText({ similarityThreshold, supportedFalseMatchRates }: OperatingPoint): string {
  if (similarityThreshold === undefined) {
    return 'none at this rate: calibrate the backbone, or requests state similarity_threshold';
  }
  return supportedFalseMatchRates.length === 0
    ? `${similarityThreshold.toFixed(4)} for all pairs`
    : 'each pair has the one for photographs that look so';
}
