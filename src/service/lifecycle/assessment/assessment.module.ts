import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { ProcessModelTiming } from '../../../inference/workers/process-model-timing.js';
import { SecretBox } from '../../../storage/encryption/secret-box.js';
import { PostgresAuditLog } from '../../access/audit/audit-events.js';
import { CalibrateModel } from '../../evaluation/calibrate-model.js';
import { CompareEvaluations } from '../../evaluation/compare-evaluations.js';
import { ManageDatasets } from '../../evaluation/manage-datasets.js';
import { PostgresEvaluationStore } from '../../evaluation/postgres-evaluation-store.js';
import { RunEvaluations } from '../../evaluation/run-evaluations.js';
import { ThreadedStatistics } from '../../evaluation/statistics/threaded-statistics.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { ChosenModelAnalysis } from '../../models/serving/chosen-model-analysis.js';
import { PostgresActiveModelStore } from '../../models/serving/postgres-active-model-store.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { Database } from '../../platform/database/database.js';
import { feature, provide } from '../../platform/provide.js';
import { ActivationModule } from '../activation/activation.module.js';
import { ManageActivations } from '../activation/manage-activations.js';
import { AssessmentController } from './assessment.controller.js';
import { bundleSizeBytes } from './bundle-size.js';
import { CompareBenchmarks } from './compare-benchmarks.js';
import { CompareHeldOut } from './compare-held-out.js';
import { ManageAssessments } from './manage-assessments.js';
import { PostgresHeldOutFaceStore } from './postgres-held-out-face-store.js';
import { RunAssessment } from './run-assessment.js';

/** Whether a candidate should serve: its comparison with the model that does. */
@Module(
  feature({
    imports: [ActivationModule],
    controllers: [AssessmentController],
    providers: [
      provide(
        ManageAssessments,
        [
          PostgresJobQueue,
          RegisteredModels,
          PostgresEvaluationStore,
          PostgresAuditLog,
          PostgresActiveModelStore,
          BackgroundJobs,
        ],
        (queue, registry, datasets, auditLog, active, jobs) =>
          new ManageAssessments({
            queue,
            registry,
            datasets,
            auditLog,
            active,
            wake: () => {
              jobs.wake('evaluation');
            },
          }),
      ),
      provide(
        CompareHeldOut,
        [Database, SecretBox, ChosenModelAnalysis, ThreadedStatistics],
        (database, box, chosen, statistics) =>
          new CompareHeldOut({
            faces: new PostgresHeldOutFaceStore(database, box),
            analysisOf: async (models) => chosen.by(models),
            statistics,
          }),
      ),
      provide(
        CompareBenchmarks,
        [RunEvaluations, CompareEvaluations],
        (evaluations, compare) => new CompareBenchmarks({ evaluations, compare }),
      ),
      provide(
        RunAssessment,
        [
          RegisteredModels,
          ServeActiveModels,
          CompareHeldOut,
          CompareBenchmarks,
          ManageDatasets,
          CalibrateModel,
          ManageActivations,
        ],
        (registry, serve, heldOut, benchmarks, datasets, calibrate, activations) =>
          new RunAssessment({
            registry,
            activePair: async () => serve.activePair(),
            heldOut,
            benchmarks,
            datasets,
            timing: new ProcessModelTiming(),
            sizeBytes: bundleSizeBytes,
            calibrate,
            activations,
          }),
      ),
    ],
  }),
)
export class AssessmentModule implements OnModuleInit {
  constructor(
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(RunAssessment) private readonly assessment: RunAssessment,
  ) {}

  onModuleInit(): void {
    this.jobs.register('evaluation', async (job, context) => this.assessment.execute(job, context));
  }
}
