import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { readDataset } from '../../datasets/verification/verification-formats.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { SecretBox } from '../../storage/encryption/secret-box.js';
import { EnrolmentModule } from '../enrolment/enrolment.module.js';
import { ChosenModelAnalysis } from '../models/serving/chosen-model-analysis.js';
import { Database } from '../platform/database/database.js';
import { packageVersion } from '../platform/package-version.js';
import { LOGGER, PROCESS_ROLE, type ProcessRole } from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';
import { PostgresCalibrationStore } from '../verification/calibration/postgres-calibration-store.js';
import { CalibrateModel } from './calibrate-model.js';
import { CompareEvaluations } from './compare-evaluations.js';
import { EvaluationController } from './evaluation.controller.js';
import { ManageDatasets } from './manage-datasets.js';
import { ModelComparisonController } from './model-comparison.controller.js';
import { PostgresEvaluationStore } from './postgres-evaluation-store.js';
import { RunEvaluations } from './run-evaluations.js';
import { ShowWorstPairs } from './show-worst-pairs.js';
import { ThreadedStatistics } from './statistics/threaded-statistics.js';

/** Data sets, benchmarks of models on them, and the thresholds that come of those. */
@Module(
  feature({
    imports: [EnrolmentModule],
    controllers: [EvaluationController, ModelComparisonController],
    providers: [
      provide(
        PostgresEvaluationStore,
        [Database, SecretBox],
        (database, box) => new PostgresEvaluationStore(database, box),
      ),
      provide(ThreadedStatistics, [], () => new ThreadedStatistics()),
      provide(
        CalibrateModel,
        [PostgresEvaluationStore, PostgresCalibrationStore, CurrentCalibrations],
        (store, calibrationStore, calibrations) => new CalibrateModel(store, calibrationStore, calibrations),
      ),
      provide(
        CompareEvaluations,
        [PostgresEvaluationStore, ThreadedStatistics],
        (store, statistics) => new CompareEvaluations(store, statistics),
      ),
      provide(
        ShowWorstPairs,
        [PostgresEvaluationStore, InferenceEngine],
        (store, engine) => new ShowWorstPairs(store, readDataset, engine),
      ),
      provide(ManageDatasets, [PostgresEvaluationStore], (store) => new ManageDatasets(store, readDataset)),
      provide(
        RunEvaluations,
        [PostgresEvaluationStore, ThreadedStatistics, InferenceEngine, ChosenModelAnalysis, LOGGER],
        (store, statistics, engine, chosen, logger) =>
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
      ),
    ],
  }),
)
export class EvaluationModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(PROCESS_ROLE) private readonly role: ProcessRole,
    @Inject(RunEvaluations) private readonly evaluations: RunEvaluations,
  ) {}

  /** Goes on with benchmarks that a restart interrupted. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.role === 'gateway') await this.evaluations.resume();
  }

  async onModuleDestroy(): Promise<void> {
    await this.evaluations.close();
  }
}
