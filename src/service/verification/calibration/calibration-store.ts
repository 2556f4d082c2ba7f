import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';

/** What benchmarks taught about model versions. Durable; the newest of a version is in force. */
export interface CalibrationStore {
  keep(calibration: Omit<ModelCalibration, 'createTime'>): Promise<ModelCalibration>;
  /** Undefined where the version was never calibrated. */
  newest(modelVersion: string): Promise<ModelCalibration | undefined>;
}
