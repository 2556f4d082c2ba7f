import type { CalibrationStore } from './calibration-store.js';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';
import type { Sql } from '../../platform/database/database.js';

type Figures = Omit<ModelCalibration, 'modelVersion' | 'evaluationId' | 'datasetId' | 'createTime'>;

interface CalibrationRow {
  readonly model_version: string;
  readonly evaluation_id: string;
  readonly dataset_id: string;
  readonly calibration: Figures;
  readonly create_time: Date;
}

const columns = 'model_version, evaluation_id, dataset_id, calibration, create_time';

/** Every calibration is kept: what answers were judged by can be looked up later. */
export class PostgresCalibrationStore implements CalibrationStore {
  constructor(private readonly sql: Sql) {}

  async keep(calibration: Omit<ModelCalibration, 'createTime'>): Promise<ModelCalibration> {
    const { modelVersion, evaluationId, datasetId, ...rest } = calibration;
    const { defaultFalseMatchRate, thresholds, logistic, impostorPairCount } = rest;
    const figures: Figures = { defaultFalseMatchRate, thresholds, logistic, impostorPairCount };
    const [row] = await this.sql.rows<CalibrationRow>(
      `INSERT INTO model_calibrations (model_version, evaluation_id, dataset_id, calibration)
       VALUES ($1, $2, $3, $4) RETURNING ${columns}`,
      [modelVersion, evaluationId, datasetId, figures],
    );
    if (row === undefined) throw new Error('the database answered no row for a calibration');
    return toCalibration(row);
  }

  async newest(modelVersion: string): Promise<ModelCalibration | undefined> {
    const [row] = await this.sql.rows<CalibrationRow>(
      `SELECT ${columns} FROM model_calibrations WHERE model_version = $1 ORDER BY uid DESC LIMIT 1`,
      [modelVersion],
    );
    return row && toCalibration(row);
  }
}

function toCalibration(row: CalibrationRow): ModelCalibration {
  return {
    ...row.calibration,
    modelVersion: row.model_version,
    evaluationId: row.evaluation_id,
    datasetId: row.dataset_id,
    createTime: row.create_time,
  };
}
