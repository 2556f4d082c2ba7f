import { join } from 'node:path';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { encodeSnapshot } from '../../../training/enrolled-faces/encode-snapshot.js';
import { trainerEntryPoint } from '../../../training/enrolled-faces/trainer-process.js';
import { PostgresAuditLog } from '../../access/audit/audit-events.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { Database } from '../../platform/database/database.js';
import { ARTIFACT_STORE, CONFIGURATION, ENCRYPTION_KEY } from '../../platform/process-context.js';
import { feature, provide } from '../../platform/provide.js';
import { Metrics } from '../../platform/telemetry/metrics.js';
import { AssessmentModule } from '../assessment/assessment.module.js';
import { ManageAssessments } from '../assessment/manage-assessments.js';
import { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { ManageTrainingJobs } from './manage-training-jobs.js';
import { PostgresTrainableFaceStore } from './postgres-trainable-face-store.js';
import { ProcessFaceTrainer } from './process-face-trainer.js';
import { ReadTrainingReport } from './read-training-report.js';
import { Retrain } from './retrain.js';
import { runningTrainings } from './running-trainings.js';
import { TakeSnapshot } from './take-snapshot.js';
import { TrainingController } from './training.controller.js';
import { TrainingFiles } from './training-files.js';
import { watchTrainings } from './training-gauges.js';
import { TrainingReportController } from './training-report.controller.js';

const work = [
  provide(PostgresTrainableFaceStore, [Database], (database) => new PostgresTrainableFaceStore(database)),
  provide(
    ProcessFaceTrainer,
    [ARTIFACT_STORE, ENCRYPTION_KEY, CONFIGURATION],
    (
      artifacts,
      encryptionKey,
      { dataFolder, replayData, trainingProvider: provider, trainingThreads: threads },
    ) =>
      new ProcessFaceTrainer({
        artifacts,
        encryptionKey,
        replayData,
        workFolder: join(dataFolder, 'training'),
        entryPoint: trainerEntryPoint,
        provider,
        threads,
      }),
  ),
  provide(
    TrainingFiles,
    [PostgresJobQueue, ARTIFACT_STORE, ProcessFaceTrainer],
    (queue, artifacts, trainer) => new TrainingFiles(queue, artifacts, trainer),
  ),
  provide(
    Retrain,
    [
      PostgresJobQueue,
      RegisteredModels,
      PostgresTrainableFaceStore,
      ProcessFaceTrainer,
      TrainingFiles,
      ARTIFACT_STORE,
      ManageAssessments,
      RemoveOutdatedModels,
    ],
    (queue, registry, faces, trainer, files, artifacts, assessments, outdated) => {
      const snapshots = new TakeSnapshot({ faces, artifacts, encode: encodeSnapshot });
      return new Retrain({ queue, registry, snapshots, trainer, files, assessments, outdated });
    },
  ),
];

const requests = [
  provide(
    ReadTrainingReport,
    [PostgresJobQueue, ARTIFACT_STORE],
    (queue, artifacts) => new ReadTrainingReport(queue, artifacts),
  ),
  provide(
    ManageTrainingJobs,
    [
      PostgresJobQueue,
      RegisteredModels,
      PostgresTrainableFaceStore,
      TrainingFiles,
      PostgresAuditLog,
      InferenceEngine,
      BackgroundJobs,
    ],
    (queue, registry, faces, files, auditLog, engine, jobs) =>
      new ManageTrainingJobs({
        queue,
        registry,
        faces,
        files,
        auditLog,
        served: () => engine.served?.backboneId,
        wake: () => {
          jobs.wake('training');
        },
      }),
  ),
];

/** Fine-tuning of a backbone on enrolled faces, in a process of its own. */
@Module(
  feature({
    imports: [AssessmentModule],
    controllers: [TrainingController, TrainingReportController],
    providers: [...work, ...requests],
  }),
)
export class RetrainingModule implements OnModuleInit {
  constructor(
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(PostgresJobQueue) private readonly queue: PostgresJobQueue,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Retrain) private readonly retrain: Retrain,
  ) {}

  onModuleInit(): void {
    this.jobs.register('training', async (job, context) => this.retrain.execute(job, context));
    watchTrainings(this.metrics.registry, async () => runningTrainings(this.queue));
  }
}
