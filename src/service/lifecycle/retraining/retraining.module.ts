import { join } from 'node:path';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { encodeSnapshot } from '../../../training/enrolled-faces/encode-snapshot.js';
import { trainerEntryPoint } from '../../../training/enrolled-faces/trainer-process.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { JobTypes } from '../../jobs/job-type.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { Database } from '../../platform/database/database.js';
import { DataKeys } from '../../platform/encryption/data-keys.js';
import { ARTIFACT_STORE, CONFIGURATION } from '../../platform/process-context.js';
import { feature, provide } from '../../platform/provide.js';
import { DatabaseHealth } from '../../platform/database/database-health.js';
import { Metrics } from '../../platform/telemetry/metrics.js';
import { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import { AssessmentModule } from '../assessment/assessment.module.js';
import { CreateAssessment } from '../assessment/create-assessment.js';
import { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { CreateTraining } from './create-training.js';
import { TrainableFaceStore } from './trainable-face.store.js';
import { ProcessFaceTrainer } from './process-face-trainer.js';
import { ReadTrainingReport } from './read-training-report.js';
import { Retrain } from './retrain.js';
import { runningTrainings } from './running-trainings.js';
import { TakeSnapshot } from './take-snapshot.js';
import { TrainingController } from './training.controller.js';
import { TrainingFiles } from './training-files.js';
import { watchTrainings } from './training-gauges.js';
import { trainingJobs } from './training-jobs.js';
import { TrainingKeys } from './training-keys.js';
import { TrainingReportController } from './training-report.controller.js';

const work = [
  provide(TrainingKeys, [Database, DataKeys], (database, keys) => new TrainingKeys(database, keys)),
  provide(TrainableFaceStore, [Database], (database) => new TrainableFaceStore(database)),
  provide(
    ProcessFaceTrainer,
    [ARTIFACT_STORE, TrainingKeys, CONFIGURATION],
    (artifacts, keys, configuration) =>
      new ProcessFaceTrainer({
        artifacts,
        keys,
        replayData: configuration.replayData,
        workFolder: join(configuration.dataFolder, 'training'),
        entryPoint: trainerEntryPoint,
        provider: configuration.trainingProvider,
        precision: configuration.trainingPrecision,
        threads: configuration.trainingThreads,
      }),
  ),
  provide(
    TrainingFiles,
    [JobQueue, ARTIFACT_STORE, ProcessFaceTrainer],
    (queue, artifacts, trainer) => new TrainingFiles(queue, artifacts, trainer),
  ),
  provide(
    Retrain,
    [
      RegisteredModels,
      TrainableFaceStore,
      TrainingKeys,
      ProcessFaceTrainer,
      TrainingFiles,
      ARTIFACT_STORE,
      CreateAssessment,
      RemoveOutdatedModels,
    ],
    (registry, faces, keys, trainer, files, artifacts, assessment, outdated) => {
      const snapshots = new TakeSnapshot({ faces, artifacts, keys, encode: encodeSnapshot });
      return new Retrain({ registry, snapshots, trainer, files, assessment, outdated });
    },
  ),
];

const requests = [
  provide(
    ReadTrainingReport,
    [JobQueue, ARTIFACT_STORE],
    (queue, artifacts) => new ReadTrainingReport(queue, artifacts),
  ),
  provide(
    CreateTraining,
    [BackgroundJobs, RegisteredModels, TrainableFaceStore, OperatingPointStore, InferenceEngine],
    (jobs, registry, faces, operatingPoint, engine) =>
      new CreateTraining({
        jobs,
        registry,
        faces,
        operatingPoint,
        served: () => engine.served?.backboneId,
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
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(JobQueue) private readonly queue: JobQueue,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DatabaseHealth) private readonly health: DatabaseHealth,
    @Inject(Retrain) private readonly retrain: Retrain,
    @Inject(TrainingFiles) private readonly files: TrainingFiles,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(trainingJobs(this.retrain, this.files));
    watchTrainings(this.metrics.registry, async () =>
      this.health.ask(async () => runningTrainings(this.queue)),
    );
  }
}
