import type { Provider } from '@nestjs/common';
import { readDataset } from '../../datasets/verification/read-dataset.js';
import { PostgresCalibrationStore } from '../verification/calibration/postgres-calibration-store.js';
import { PostgresEvaluationStore } from './postgres-evaluation-store.js';
import { ThreadedStatistics } from './statistics/threaded-statistics.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { BackgroundAnalysis } from '../../inference/workers/background-analysis.js';
import { ChosenModelAnalysis } from '../models/serving/chosen-model-analysis.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { CompareEvaluations } from './compare-evaluations.js';
import { ManageDatasets } from './manage-datasets.js';
import { RunEvaluations } from './run-evaluations.js';
import { ShowWorstPairs } from './show-worst-pairs.js';
import { CalibrateModel } from './calibrate-model.js';
import { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';
import type { ModelRegistry } from '../../storage/models/model-registry.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import { MODEL_REGISTRY } from '../models/model-providers.js';
import type { Storage } from '../platform/open-storage.js';
import { packageVersion } from '../platform/package-version.js';

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
