import type { Requester } from '../../access/caller.js';
import type { LogisticCalibration } from '../../../core/protocols/calibration/logistic-calibration.js';
import {
  type CalibratedThreshold,
  type ModelCalibration,
  ratesText,
} from '../../../core/protocols/calibration/model-calibration.js';
import type { SimilarityBand } from '../../../core/protocols/calibration/similarity-bands.js';
import { bigint, integer, json, table, text, time, uuid } from '../../platform/database/table.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database } from '../../platform/database/database.js';

/** Every calibration is kept: what answers were judged by can be looked up later. */
export const modelCalibrations = table(
  'model_calibrations',
  {
    uid: bigint().generated().primary(),
    modelVersion: text(),
    // Without both it is of enrolled faces.
    benchmarkRunId: uuid().optional().references('benchmark_runs'),
    datasetId: text().optional(),
    description: text(),
    thresholds: json<readonly CalibratedThreshold[]>(),
    logistic: json<LogisticCalibration>(),
    impostorPairCount: integer(),
    similarityBands: json<readonly SimilarityBand[]>().optional(),
    createTime: time(),
  },
  { indices: [{ columns: ['modelVersion', 'uid'] }] },
);

/** What was learnt about the similarities of model versions. Durable; the newest of a version is in force. */
export class CalibrationStore {
  constructor(private readonly database: Database) {}

  /** Keeps it and records that in the audit log, in one transaction. */
  async keep(
    calibration: Omit<ModelCalibration, 'createTime'>,
    requester: Requester,
  ): Promise<ModelCalibration> {
    const { modelVersion, benchmarkRunId, description, thresholds } = calibration;
    return this.database.transaction(async (sql) => {
      const kept = await sql.create(modelCalibrations, calibration);
      await recordAuditEvent(sql, {
        ...requester,
        action: 'model.calibrate',
        target: `modelVersions/${modelVersion}`,
        details: {
          ...(benchmarkRunId !== undefined && { benchmark_run: `benchmarkRuns/${benchmarkRunId}` }),
          description,
          false_match_rates: ratesText(thresholds),
        },
      });
      return kept;
    });
  }

  /** The newest calibration; undefined where the version was never calibrated. */
  async newest(modelVersion: string): Promise<ModelCalibration | undefined> {
    return this.database.first(modelCalibrations, { where: { modelVersion }, order: { uid: 'DESC' } });
  }
}
