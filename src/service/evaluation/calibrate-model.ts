import {
  calibrate,
  type ModelCalibration,
  type RecordedCalibration,
} from '../../core/protocols/calibration/model-calibration.js';
import type { ModelRegistry } from '../../storage/models/model-registry.js';
import type { Requester } from '../access/caller.js';
import type { CalibrationStore } from '../verification/calibration/calibration.store.js';
import type { BenchmarkStore } from './benchmark.store.js';
import type { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';

/** Thresholds and match probabilities of a model version, from a benchmark of it. */
export class CalibrateModel {
  constructor(
    private readonly runs: Pick<BenchmarkStore, 'getRun'>,
    private readonly store: CalibrationStore,
    private readonly current: CurrentCalibrations,
    private readonly models: Pick<ModelRegistry, 'list'>,
  ) {}

  /**
   * @param falseMatchRate the one that a threshold is needed of
   * @throws Failure BENCHMARK_RUN_NOT_FOUND, CALIBRATION_UNSUPPORTED
   */
  async execute(
    benchmarkRunId: string,
    falseMatchRate: number,
    requester: Requester,
  ): Promise<ModelCalibration> {
    const { modelVersion, datasetId, report } = await this.runs.getRun(benchmarkRunId);
    const named = { modelVersion, datasetId, benchmarkRunId };
    const calibration = calibrate(named, report, falseMatchRate);
    const kept = await this.store.keep(calibration, requester);
    this.current.forget(modelVersion);
    return kept;
  }

  /** The newest calibration of a model version; undefined where it was never calibrated. */
  async get(modelVersion: string): Promise<ModelCalibration | undefined> {
    return this.store.newest(modelVersion);
  }

  /** What the version's manifest records; undefined where it records none, or there is no such version. */
  async recorded(modelVersion: string): Promise<RecordedCalibration | undefined> {
    const found = (await this.models.list()).find(({ version }) => version.id === modelVersion);
    const manifest = found?.version.manifest;
    return manifest?.kind === 'backbone' ? manifest.calibration : undefined;
  }
}
