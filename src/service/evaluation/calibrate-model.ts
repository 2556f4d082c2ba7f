import type { Requester } from '../access/caller.js';
import { calibrate, type ModelCalibration } from '../../core/protocols/calibration/model-calibration.js';
import { requireReport } from './ended-evaluation.js';
import type { CalibrationStore } from '../verification/calibration/calibration-store.js';
import type { EvaluationStore } from './evaluation-store.js';
import type { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';

/** Thresholds and match probabilities of a model version, from a benchmark of it. */
export class CalibrateModel {
  constructor(
    private readonly evaluations: Pick<EvaluationStore, 'get'>,
    private readonly store: CalibrationStore,
    private readonly current: CurrentCalibrations,
  ) {}

  /** @throws Failure EVALUATION_NOT_FOUND, EVALUATION_NOT_SUCCEEDED, CALIBRATION_UNSUPPORTED */
  async execute(
    evaluationId: string,
    defaultFalseMatchRate: number,
    requester: Requester,
  ): Promise<ModelCalibration> {
    const evaluation = await this.evaluations.get(evaluationId);
    const { modelVersion, datasetId } = evaluation;
    const named = { modelVersion, datasetId, evaluationId };
    const calibration = calibrate(named, requireReport(evaluation), defaultFalseMatchRate);
    const kept = await this.store.keep(calibration, requester);
    this.current.forget(modelVersion);
    return kept;
  }

  /** Undefined where it was never calibrated. */
  async get(modelVersion: string): Promise<ModelCalibration | undefined> {
    return this.store.newest(modelVersion);
  }
}
