import type { Requester } from '../../access/caller.js';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';

/** What benchmarks taught about model versions. Durable; the newest of a version is in force. */
export interface CalibrationStore {
  /** Keeps it and records that in the audit log, in one transaction. */
  keep(calibration: Omit<ModelCalibration, 'createTime'>, requester: Requester): Promise<ModelCalibration>;
  /** Undefined where the version was never calibrated. */
  newest(modelVersion: string): Promise<ModelCalibration | undefined>;
}
