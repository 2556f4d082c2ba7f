import {
  type Calibration,
  type ModelCalibration,
  type RecordedCalibration,
  thresholdOfRate,
  unsupportedRate,
} from '../../core/protocols/calibration/model-calibration.js';
import type { ModelRegistry } from '../../storage/models/model-registry.js';
import type { Requester } from '../access/caller.js';
import type { CalibrationStore } from '../verification/calibration/calibration.store.js';
import type { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';
import type { OperatingPointStore } from '../verification/operating-point/operating-point.store.js';
import type { BenchmarkStore } from './benchmark.store.js';

interface CalibrateModelParts {
  readonly runs: Pick<BenchmarkStore, 'getRun'>;
  readonly store: Pick<CalibrationStore, 'keep' | 'newest'>;
  readonly current: Pick<CurrentCalibrations, 'forget'>;
  readonly operatingPoint: Pick<OperatingPointStore, 'current'>;
  readonly models: Pick<ModelRegistry, 'list'>;
}

export interface CalibrateOptions {
  /** It is kept although it has no threshold at the false match rate in force. */
  readonly allowUnsupportedRate: boolean;
  readonly requester: Requester;
}

/** What pairs taught; a calibration is undefined where they teach none. */
export interface FoundCalibration {
  readonly calibration: Calibration | undefined;
  readonly impostorPairCount: number;
}

/** Thresholds and match probabilities of a model version, at every false match rate that the pairs support. */
export class CalibrateModel {
  constructor(private readonly parts: CalibrateModelParts) {}

  /** By a benchmark of the version. @throws Failure BENCHMARK_RUN_NOT_FOUND, CALIBRATION_UNSUPPORTED */
  async execute(benchmarkRunId: string, options: CalibrateOptions): Promise<ModelCalibration> {
    const { modelVersion, datasetId, report } = await this.parts.runs.getRun(benchmarkRunId);
    const { calibration } = report;
    const impostorPairCount = calibration?.impostorPairCount ?? report.impostorPairCount;
    const origin = { modelVersion, benchmarkRunId, datasetId, description: datasetId };
    return this.keep(origin, { calibration, impostorPairCount }, options);
  }

  /** By whatever it was found on. @throws Failure CALIBRATION_UNSUPPORTED */
  async keep(
    origin: Pick<ModelCalibration, 'modelVersion' | 'benchmarkRunId' | 'datasetId' | 'description'>,
    { calibration, impostorPairCount }: FoundCalibration,
    { allowUnsupportedRate, requester }: CalibrateOptions,
  ): Promise<ModelCalibration> {
    const { falseMatchRate } = await this.parts.operatingPoint.current();
    const isSupported =
      calibration !== undefined &&
      (allowUnsupportedRate || thresholdOfRate(calibration, falseMatchRate) !== undefined);
    if (!isSupported) {
      const thresholds = calibration?.thresholds ?? [];
      throw unsupportedRate(falseMatchRate, { ...origin, thresholds, impostorPairCount });
    }
    const kept = await this.parts.store.keep({ ...origin, ...calibration }, requester);
    this.parts.current.forget(origin.modelVersion);
    return kept;
  }

  /** The newest calibration of a model version; undefined where it was never calibrated. */
  async get(modelVersion: string): Promise<ModelCalibration | undefined> {
    return this.parts.store.newest(modelVersion);
  }

  /** What the version's manifest records; undefined where it records none, or there is no such version. */
  async recorded(modelVersion: string): Promise<RecordedCalibration | undefined> {
    const found = (await this.parts.models.list()).find(({ version }) => version.id === modelVersion);
    const manifest = found?.version.manifest;
    return manifest?.kind === 'backbone' ? manifest.calibration : undefined;
  }
}
