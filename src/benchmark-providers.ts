import type { Provider } from '@nestjs/common';
import { readDataset } from './adapters/datasets/read-dataset.js';
import { PostgresCalibrationStore } from './adapters/postgres/postgres-calibration-store.js';
import { PostgresEvaluationStore } from './adapters/postgres/postgres-evaluation-store.js';
import { ThreadedStatistics } from './adapters/statistics/threaded-statistics.js';
import type { Logger } from './adapters/telemetry/logger.js';
import { BackgroundAnalysis } from './adapters/worker/background-analysis.js';
import { ChosenModelAnalysis } from './adapters/worker/chosen-model-analysis.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import { CompareEvaluations } from './application/benchmark/compare-evaluations.js';
import { ManageDatasets } from './application/benchmark/manage-datasets.js';
import { RunEvaluations } from './application/benchmark/run-evaluations.js';
import { ShowWorstPairs } from './application/benchmark/show-worst-pairs.js';
import { CalibrateModel } from './application/calibrate-model/calibrate-model.js';
import { CurrentCalibrations } from './application/calibrate-model/current-calibrations.js';
import type { ModelRegistry } from './application/ports/model-registry.js';
import type { Configuration } from './config/configuration.js';
import { MODEL_REGISTRY } from './model-providers.js';
import type { Storage } from './open-storage.js';
import { packageVersion } from './package-version.js';

/** Data sets, benchmarks of models on them, and the thresholds that come of those. */
export function benchmarkProviders(
  { workerCount }: Configuration,
  logger: Logger,
  storage: Storage,
): Provider[] {
  const store = new PostgresEvaluationStore(storage.database, storage.box);
  const calibrationStore = new PostgresCalibrationStore(storage.database);
  const calibrations = new CurrentCalibrations(calibrationStore);
  const statistics = new ThreadedStatistics();
  return [
    { provide: ThreadedStatistics, useValue: statistics },
    { provide: PostgresCalibrationStore, useValue: calibrationStore },
    { provide: CurrentCalibrations, useValue: calibrations },
    { provide: CalibrateModel, useValue: new CalibrateModel(store, calibrationStore, calibrations) },
    { provide: CompareEvaluations, useValue: new CompareEvaluations(store, statistics) },
    {
      provide: ShowWorstPairs,
      useFactory: (engine: InferenceEngine) => new ShowWorstPairs(store, readDataset, engine),
      inject: [InferenceEngine],
    },
    { provide: ManageDatasets, useValue: new ManageDatasets(store, readDataset) },
    {
      provide: ChosenModelAnalysis,
      useFactory: (engine: InferenceEngine, registry: ModelRegistry) =>
        new ChosenModelAnalysis(engine, registry, new BackgroundAnalysis(engine, workerCount)),
      inject: [InferenceEngine, MODEL_REGISTRY],
    },
    {
      provide: RunEvaluations,
      useFactory: (engine: InferenceEngine, chosen: ChosenModelAnalysis) =>
        new RunEvaluations({
          store,
          read: readDataset,
          analysisOf: async (models) => chosen.by(models),
          requireBackbone: async (id) => chosen.requireBackbone(id),
          statistics,
          codeVersion: `symface ${packageVersion()}`,
          served: () => engine.served,
          parallel: chosen.parallel,
          onDefect: (error) => {
            logger.error({ err: error }, 'a benchmark failed unexpectedly');
          },
        }),
      inject: [InferenceEngine, ChosenModelAnalysis],
    },
  ];
}
