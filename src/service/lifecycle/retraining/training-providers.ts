import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Provider } from '@nestjs/common';
import { PostgresAuditLog } from '../../access/audit/audit-events.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';
import { PostgresTrainableFaceStore } from './postgres-trainable-face-store.js';
import { ProcessFaceTrainer } from './process-face-trainer.js';
import { encodeSnapshot } from '../../../training/enrolled-faces/encode-snapshot.js';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { ManageAssessments } from '../assessment/manage-assessments.js';
import { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import { ManageTrainingJobs } from './manage-training-jobs.js';
import { ReadTrainingReport } from './read-training-report.js';
import { Retrain } from './retrain.js';
import { TakeSnapshot } from './take-snapshot.js';
import { TrainingFiles } from './training-files.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import { ARTIFACT_STORE } from '../../jobs/job-providers.js';
import { MODEL_REGISTRY } from '../../models/model-providers.js';
import type { Storage } from '../../platform/open-storage.js';

/** The training process's. */
export const trainingEntryPoint = fileURLToPath(
  new URL('../../../training/enrolled-faces/trainer.js', import.meta.url),
);

/** Training jobs: how they are asked for, and their work. */
export function trainingProviders(
  { dataFolder, replayData, trainingProvider: provider, trainingThreads: threads }: Configuration,
  { database, encryptionKey }: Storage,
): Provider[] {
  const faces = new PostgresTrainableFaceStore(database);
  const auditLog = new PostgresAuditLog(database);
  const workFolder = join(dataFolder, 'training');
  return [
    {
      provide: ProcessFaceTrainer,
      useFactory: (artifacts: ArtifactStore) =>
        new ProcessFaceTrainer({
          artifacts,
          encryptionKey,
          replayData,
          workFolder,
          entryPoint: trainingEntryPoint,
          provider,
          threads,
        }),
      inject: [ARTIFACT_STORE],
    },
    {
      provide: TrainingFiles,
      useFactory: (queue: PostgresJobQueue, artifacts: ArtifactStore, trainer: ProcessFaceTrainer) =>
        new TrainingFiles(queue, artifacts, trainer),
      inject: [PostgresJobQueue, ARTIFACT_STORE, ProcessFaceTrainer],
    },
    {
      provide: ReadTrainingReport,
      useFactory: (queue: PostgresJobQueue, artifacts: ArtifactStore) =>
        new ReadTrainingReport(queue, artifacts),
      inject: [PostgresJobQueue, ARTIFACT_STORE],
    },
    retrainProvider(faces),
    {
      provide: ManageTrainingJobs,
      useFactory: (
        queue: PostgresJobQueue,
        registry: ModelRegistry,
        files: TrainingFiles,
        engine: InferenceEngine,
        jobs: BackgroundJobs,
      ) =>
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
      inject: [PostgresJobQueue, MODEL_REGISTRY, TrainingFiles, InferenceEngine, BackgroundJobs],
    },
  ];
}

function retrainProvider(faces: PostgresTrainableFaceStore): Provider {
  return {
    provide: Retrain,
    useFactory: (
      queue: PostgresJobQueue,
      registry: ModelRegistry,
      trainer: ProcessFaceTrainer,
      files: TrainingFiles,
      artifacts: ArtifactStore,
      assessments: ManageAssessments,
      outdated: RemoveOutdatedModels,
    ) => {
      const snapshots = new TakeSnapshot({ faces, artifacts, encode: encodeSnapshot });
      return new Retrain({ queue, registry, snapshots, trainer, files, assessments, outdated });
    },
    inject: [
      PostgresJobQueue,
      MODEL_REGISTRY,
      ProcessFaceTrainer,
      TrainingFiles,
      ARTIFACT_STORE,
      ManageAssessments,
      RemoveOutdatedModels,
    ],
  };
}
