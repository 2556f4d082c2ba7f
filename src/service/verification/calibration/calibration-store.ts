import type { Requester } from '../../access/caller.js';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';

/** What benchmarks taught about model versions. Durable; the newest of a version is in force. */
export interface CalibrationStore {
  /** And records that. */
  keep(calibration: Omit<ModelCalibration, 'createTime'>, requester: Requester): Promise<ModelCalibration>;
  /** Undefined where the version was never calibrated. */
  newest(modelVersion: string): Promise<ModelCalibration | undefined>;
}
