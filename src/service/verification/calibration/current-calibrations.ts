import type {
  ModelCalibration,
  RecordedCalibration,
} from '../../../core/protocols/calibration/model-calibration.js';
import { defaultFalseMatchRate } from '../../../core/verification/operating-point.js';
import {
  type RequestedThreshold,
  resolveThreshold,
  type ThresholdRule,
} from '../../../core/verification/threshold.js';
import type { ServedModels } from '../../../inference/analyser/face-analysis.js';
import { FreshReads } from '../../platform/fresh-reads.js';
import type { OperatingPoint } from '../operating-point/operating-point.js';
import type { OperatingPointStore } from '../operating-point/operating-point.store.js';
import type { CalibrationStore } from './calibration.store.js';

const point = 'operating-point';

/** Remembers the calibrations and the false match rate in force for a moment, since Verify asks with every call. */
export class CurrentCalibrations {
  private readonly calibrations: FreshReads<ModelCalibration | undefined>;
  private readonly operatingPoint: FreshReads<OperatingPoint>;

  constructor(
    store: Pick<CalibrationStore, 'newest'>,
    operatingPoint: Pick<OperatingPointStore, 'current'>,
    nowMs?: () => number,
  ) {
    this.calibrations = new FreshReads(async (modelVersion) => store.newest(modelVersion), nowMs);
    this.operatingPoint = new FreshReads(async () => operatingPoint.current(), nowMs);
  }

  /**
   * How the similarities of a call are judged.
   * @throws Failure THRESHOLD_NOT_CALIBRATED; INVALID_ARGUMENT for a threshold that can mean nothing; DATABASE_UNAVAILABLE where the
   *   calibration and the rate in force decide, cannot be read and were never read before: nothing else must step in for them
   */
  async judgement(
    requested: RequestedThreshold,
    models: Pick<ServedModels, 'backboneId' | 'calibration' | 'similarityThreshold'>,
  ): Promise<ThresholdRule> {
    const read = Promise.all([this.calibrations.get(models.backboneId), this.operatingPoint.get(point)]);
    const [calibration, { falseMatchRate }] = await read.catch((error: unknown) => {
      // Only the match probability is missing then.
      if (requested.similarityThreshold !== undefined) return [undefined, unread] as const;
      throw error;
    });
    const sources = {
      calibration,
      recordedCalibration: models.calibration,
      recordedThreshold: models.similarityThreshold,
    };
    return resolveThreshold(requested, sources, falseMatchRate);
  }

  /** What is in force for the backbone that serves: its newest calibration, or that of its manifest; undefined where it has none. */
  async calibrationOf(
    models: Pick<ServedModels, 'backboneId' | 'calibration'>,
  ): Promise<RecordedCalibration | undefined> {
    return (await this.calibrations.get(models.backboneId)) ?? models.calibration;
  }

  /** Forgets what is remembered of a version, which was just calibrated here. */
  forget(modelVersion: string): void {
    this.calibrations.forget(modelVersion);
  }

  /** Forgets the rate in force, which was just changed here. */
  forgetOperatingPoint(): void {
    this.operatingPoint.forget(point);
  }
}

/** Nothing goes by it where the request states its own threshold. */
const unread = { falseMatchRate: defaultFalseMatchRate };
