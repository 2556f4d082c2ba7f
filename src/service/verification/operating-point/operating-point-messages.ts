import { thresholdOfRate } from '../../../core/protocols/calibration/model-calibration.js';
import type { OperatingPoint } from '../../../generated/symface/v1/OperatingPoint.js';
import { modelName } from '../../platform/grpc/resource-names.js';
import type { ServedOperatingPoint } from './manage-operating-point.js';

export function toOperatingPointMessage(point: ServedOperatingPoint): OperatingPoint {
  const { falseMatchRate, set, modelVersion, thresholds } = point;
  const threshold = thresholdOfRate(point, falseMatchRate);
  return {
    falseMatchRate,
    setTime: set?.time.toISOString() ?? '',
    actor: set?.actor ?? '',
    modelVersion: modelName(modelVersion),
    ...(threshold !== undefined && { similarityThreshold: threshold.similarityThreshold }),
    supportedFalseMatchRates: thresholds.map((supported) => supported.falseMatchRate),
  };
}
