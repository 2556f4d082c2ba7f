import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { ProcessModelTiming } from '../../../inference/workers/process-model-timing.js';
import { CalibrateModel } from '../../evaluation/calibrate-model.js';
import { CompareBenchmarkRuns } from '../../evaluation/compare-benchmark-runs.js';
import { CreateBenchmarkRun } from '../../evaluation/create-benchmark-run.js';
import { ManageDatasets } from '../../evaluation/manage-datasets.js';
import { BenchmarkStore } from '../../evaluation/benchmark.store.js';
import { ThreadedStatistics } from '../../evaluation/statistics/threaded-statistics.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { JobTypes } from '../../jobs/job-type.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { TrialAnalysis } from '../../models/serving/trial-analysis.js';
import { ActiveModelStore } from '../../models/serving/active-model.store.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { Database } from '../../platform/database/database.js';
import { DataKeys } from '../../platform/encryption/data-keys.js';
import { LOGGER } from '../../platform/process-context.js';
import { feature, provide } from '../../platform/provide.js';
import { DatabaseHealth } from '../../platform/database/database-health.js';
import { Metrics } from '../../platform/telemetry/metrics.js';
import { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import { ActivationModule } from '../activation/activation.module.js';
import { CreateActivation } from '../activation/create-activation.js';
import { assessmentJobs } from './assessment-jobs.js';
import { AssessmentController } from './assessment.controller.js';
import { bundleSizeBytes } from '../../models/registry/bundle-size.js';
import { CalibrateCandidate } from './calibrate-candidate.js';
import { CompareBenchmarks } from './compare-benchmarks.js';
import { CompareHeldOut } from './compare-held-out.js';
import { countVerdicts } from './count-verdicts.js';
import { CreateAssessment } from './create-assessment.js';
import { HeldOutFaceStore } from './held-out-face.store.js';
import { MeasureHeldOut } from './measure-held-out.js';
import { RunAssessment } from './run-assessment.js';
import { watchVerdicts } from './verdict-gauge.js';

/** Whether a candidate should serve: its comparison with the model that does. */
@Module(
  feature({
    imports: [ActivationModule],
    controllers: [AssessmentController],
    providers: [
      provide(
        CreateAssessment,
        [BackgroundJobs, RegisteredModels, BenchmarkStore, ActiveModelStore],
        (jobs, registry, datasets, active) => new CreateAssessment({ jobs, registry, datasets, active }),
      ),
      provide(
        MeasureHeldOut,
        [Database, DataKeys, TrialAnalysis],
        (database, keys, chosen) =>
          new MeasureHeldOut({
            faces: new HeldOutFaceStore(database, keys),
            analysisOf: async (models) => chosen.by(models),
          }),
      ),
      provide(
        CompareHeldOut,
        [MeasureHeldOut, ThreadedStatistics],
        (heldOut, statistics) => new CompareHeldOut({ heldOut, statistics }),
      ),
      provide(
        CalibrateCandidate,
        [CalibrateModel, OperatingPointStore, MeasureHeldOut, ThreadedStatistics],
        (calibrate, operatingPoint, heldOut, statistics) =>
          new CalibrateCandidate({ calibrate, operatingPoint, heldOut, statistics }),
      ),
      provide(
        CompareBenchmarks,
        [CreateBenchmarkRun, JobQueue, BenchmarkStore, CompareBenchmarkRuns, LOGGER],
        (create, queue, runs, compare, logger) =>
          new CompareBenchmarks({
            create,
            queue,
            runs,
            compare,
            onLeft: (error, jobId) => {
              logger.warn({ err: error, jobId }, 'a benchmark that nobody waits for could not be cancelled');
            },
          }),
      ),
      provide(
        RunAssessment,
        [
          RegisteredModels,
          ServeActiveModels,
          CompareHeldOut,
          CompareBenchmarks,
          ManageDatasets,
          CalibrateCandidate,
          CreateActivation,
        ],
        (registry, serve, heldOut, benchmarks, datasets, calibrate, activation) =>
          new RunAssessment({
            registry,
            activePair: async () => serve.activePair(),
            heldOut,
            benchmarks,
            datasets,
            timing: new ProcessModelTiming(),
            sizeBytes: bundleSizeBytes,
            calibrate,
            activation,
          }),
      ),
    ],
  }),
)
export class AssessmentModule implements OnModuleInit {
  constructor(
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(Database) private readonly database: Database,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DatabaseHealth) private readonly health: DatabaseHealth,
    @Inject(RunAssessment) private readonly assessment: RunAssessment,
    @Inject(CompareBenchmarks) private readonly benchmarks: CompareBenchmarks,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(assessmentJobs(this.assessment, this.benchmarks));
    watchVerdicts(this.metrics.registry, async () =>
      this.health.ask(async () => countVerdicts(this.database)),
    );
  }
}
