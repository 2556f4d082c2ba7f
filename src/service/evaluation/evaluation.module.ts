import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { readDataset } from '../../datasets/verification/verification-formats.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { CalibrationFaceStore } from '../enrolment/faces/calibration-face.store.js';
import { EnrolmentModule } from '../enrolment/enrolment.module.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { JobTypes } from '../jobs/job-type.js';
import { RegisteredModels } from '../models/registry/registered-models.js';
import { TrialAnalysis } from '../models/serving/trial-analysis.js';
import { Database } from '../platform/database/database.js';
import { DataKeys } from '../platform/encryption/data-keys.js';
import { packageVersion } from '../platform/package-version.js';
import { feature, provide } from '../platform/provide.js';
import { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';
import { CalibrationStore } from '../verification/calibration/calibration.store.js';
import { OperatingPointStore } from '../verification/operating-point/operating-point.store.js';
import { benchmarkJobs } from './benchmark-jobs.js';
import { BenchmarkController } from './benchmark.controller.js';
import { CalibrateEnrolledFaces } from './calibrate-enrolled-faces.js';
import { CalibrateModel } from './calibrate-model.js';
import { CompareBenchmarkRuns } from './compare-benchmark-runs.js';
import { CreateBenchmarkRun } from './create-benchmark-run.js';
import { ManageDatasets } from './manage-datasets.js';
import { ModelComparisonController } from './model-comparison.controller.js';
import { BenchmarkStore } from './benchmark.store.js';
import { RunBenchmark } from './run-benchmark.js';
import { ShowWorstPairs } from './show-worst-pairs.js';
import { ThreadedStatistics } from './statistics/threaded-statistics.js';

/** Data sets, benchmarks of models on them, and the thresholds that come of those. */
@Module(
  feature({
    imports: [EnrolmentModule],
    controllers: [BenchmarkController, ModelComparisonController],
    providers: [
      provide(BenchmarkStore, [Database, DataKeys], (database, keys) => new BenchmarkStore(database, keys)),
      provide(ThreadedStatistics, [], () => new ThreadedStatistics()),
      provide(ManageDatasets, [BenchmarkStore], (store) => new ManageDatasets(store, readDataset)),
      provide(
        CreateBenchmarkRun,
        [BackgroundJobs, BenchmarkStore, InferenceEngine, TrialAnalysis],
        (jobs, datasets, engine, chosen) =>
          new CreateBenchmarkRun({
            jobs,
            datasets,
            served: () => engine.served,
            requireBackbone: async (id) => chosen.requireBackbone(id),
          }),
      ),
      provide(
        RunBenchmark,
        [BenchmarkStore, TrialAnalysis, ThreadedStatistics],
        (store, chosen, statistics) =>
          new RunBenchmark({
            store,
            read: readDataset,
            analysisOf: async (models) => chosen.by(models),
            statistics,
            parallel: chosen.parallel,
            codeVersion: `symface ${packageVersion()}`,
          }),
      ),
      provide(
        CompareBenchmarkRuns,
        [BenchmarkStore, ThreadedStatistics],
        (store, statistics) => new CompareBenchmarkRuns(store, statistics),
      ),
      provide(
        ShowWorstPairs,
        [BenchmarkStore, InferenceEngine],
        (store, engine) => new ShowWorstPairs(store, readDataset, engine),
      ),
      provide(
        CalibrateModel,
        [BenchmarkStore, CalibrationStore, CurrentCalibrations, OperatingPointStore, RegisteredModels],
        (runs, store, current, operatingPoint, models) =>
          new CalibrateModel({ runs, store, current, operatingPoint, models }),
      ),
      provide(
        CalibrateEnrolledFaces,
        [CalibrationFaceStore, ThreadedStatistics, CalibrateModel, InferenceEngine, TrialAnalysis],
        (faces, statistics, calibrate, engine, chosen) =>
          new CalibrateEnrolledFaces({
            faces,
            statistics,
            calibrate,
            served: () => engine.served?.backboneId,
            requireBackbone: async (id) => chosen.requireBackbone(id),
          }),
      ),
    ],
  }),
)
export class EvaluationModule implements OnModuleInit {
  constructor(
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(RunBenchmark) private readonly benchmark: RunBenchmark,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(benchmarkJobs(this.benchmark));
  }
}
