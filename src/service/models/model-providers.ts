import type { Provider } from '@nestjs/common';
import { noSignals, PostgresActiveModelSignals } from './serving/active-model-signals.js';
import { PostgresActiveModelStore } from './serving/postgres-active-model-store.js';
import { PostgresModelDeletionStore } from './registry/postgres-model-deletion-store.js';
import { PostgresJobQueue } from '../jobs/postgres-job-queue.js';
import { PostgresTemplateStore } from '../enrolment/faces/postgres-template-store.js';
import { FileModelRegistry } from '../../storage/models/file-model-registry.js';
import { formerlyActiveVersion } from './registry/formerly-active-version.js';
import { parseManifest } from '../../storage/models/manifest-schema.js';
import { RegistryWithoutDeleted } from './registry/registry-without-deleted.js';
import { SharedModelRegistry } from './registry/shared-model-registry.js';
import { defaultBackboneName } from '../../training/pretrained/default-backbone.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { ProcessModelValidator } from '../../inference/workers/process-model-validator.js';
import { ActivateModel } from '../lifecycle/activation/activate-model.js';
import { FollowActiveModels } from './serving/follow-active-models.js';
import { ManageActivations } from '../lifecycle/activation/manage-activations.js';
import { RunActivation } from '../lifecycle/activation/run-activation.js';
import { ServeActiveModels } from './serving/serve-active-models.js';
import { DeleteModel } from '../lifecycle/deletion/delete-model.js';
import { RemoveOutdatedModels } from '../lifecycle/deletion/remove-outdated-models.js';
import { ImportModel } from './registry/import-model.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { GetModel } from './registry/get-model.js';
import { ListModels } from './registry/list-models.js';
import { int8Name, type Precision } from '../../core/models/precision.js';
import type { ArtifactStore } from '../../storage/artifacts/artifact-store.js';
import type { ModelKind, ModelRegistry } from '../../storage/models/model-registry.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import { ARTIFACT_STORE } from '../jobs/job-providers.js';
import type { Storage } from '../platform/open-storage.js';

export const MODEL_REGISTRY = Symbol('ModelRegistry');
const kinds: readonly ModelKind[] = ['backbone', 'detector'];

/** Takes over what was activated before the database knew of it. */
export async function adoptFormerlyActive(
  { dataFolder }: Configuration,
  { database, box }: Storage,
): Promise<void> {
  const active = new PostgresActiveModelStore(database, box);
  for (const kind of kinds) {
    const id = await formerlyActiveVersion(dataFolder, kind);
    if (id !== undefined) await active.choose(kind, id);
  }
}

/** What models there are, which of them serve, and how that changes. */
export function modelProviders(configuration: Configuration, logger: Logger, storage: Storage): Provider[] {
  const { threadsPerWorker: intraOpThreads } = configuration;
  return [
    {
      provide: MODEL_REGISTRY,
      useFactory: (artifacts: ArtifactStore) => modelRegistry(configuration, logger, storage, artifacts),
      inject: [ARTIFACT_STORE],
    },
    ...[ListModels, GetModel].map((useCase) => ({
      provide: useCase,
      useFactory: (registry: ModelRegistry) => new useCase(registry),
      inject: [MODEL_REGISTRY],
    })),
    {
      provide: ImportModel,
      useFactory: (registry: ModelRegistry) =>
        new ImportModel(parseManifest, new ProcessModelValidator({ intraOpThreads }), registry),
      inject: [MODEL_REGISTRY],
    },
    ...deletionProviders(configuration, logger, storage),
    ...activationProviders(configuration, logger, storage),
  ];
}

/** Without what was deleted, by whichever replica. */
function modelRegistry(
  configuration: Configuration,
  logger: Logger,
  { database }: Storage,
  artifacts: ArtifactStore,
): ModelRegistry {
  const registry = registryWithDeleted(configuration, logger, artifacts);
  return new RegistryWithoutDeleted(registry, new PostgresModelDeletionStore(database), (id, error) => {
    logger.error({ err: error, modelVersion: id }, 'cannot remove a deleted model version');
  });
}

/** Replicas of one database share what any of them imports. */
function registryWithDeleted(
  { dataFolder, databaseUrl }: Configuration,
  logger: Logger,
  artifacts: ArtifactStore,
): ModelRegistry {
  const own = new FileModelRegistry(dataFolder, (id, { reason, message }) => {
    logger.warn({ modelVersion: id, reason }, `left out of listings: ${message}`);
  });
  if (databaseUrl === undefined) return own;
  return new SharedModelRegistry(own, artifacts, (id, error) => {
    logger.error({ err: error, modelVersion: id }, 'this replica cannot take over a model version');
  });
}

function deletionProviders(
  { keptTrainedModels: keptCount }: Configuration,
  logger: Logger,
  { database, box }: Storage,
): Provider[] {
  return [
    {
      provide: DeleteModel,
      useFactory: (registry: ModelRegistry, serve: ServeActiveModels) =>
        new DeleteModel({
          registry,
          deletions: new PostgresModelDeletionStore(database),
          templates: new PostgresTemplateStore(database, box),
          servedIds: async () => {
            const { backbone, detector } = await serve.activePair();
            return new Set([backbone.version.id, detector.version.id]);
          },
          packagedSources,
        }),
      inject: [MODEL_REGISTRY, ServeActiveModels],
    },
    {
      provide: RemoveOutdatedModels,
      useFactory: (registry: ModelRegistry, deleteModel: DeleteModel) =>
        new RemoveOutdatedModels({
          registry,
          active: new PostgresActiveModelStore(database, box),
          deleteModel,
          keptCount,
          onFailure: (id, error) => {
            logger.error({ err: error, modelVersion: id }, 'cannot remove outdated model versions');
          },
        }),
      inject: [MODEL_REGISTRY, DeleteModel],
    },
  ];
}

/** The first that is registered is the one that comes with SymFace, in 32 bits. */
function preferredBackbone(precision: Precision): string | undefined {
  return precision === 'int8' ? int8Name(defaultBackboneName) : undefined;
}

/** Loaded when it is asked for: it brings the packages' readers. */
async function packagedSources(): Promise<ReadonlySet<string>> {
  const { sourcesOfPretrainedModels } =
    await import('../../training/pretrained/prepare-pretrained-models.js');
  return sourcesOfPretrainedModels();
}

function activationProviders(
  { databaseUrl, precision }: Configuration,
  logger: Logger,
  { database, box }: Storage,
): Provider[] {
  const active = new PostgresActiveModelStore(database, box);
  const templates = new PostgresTemplateStore(database, box);
  const signals = databaseUrl === undefined ? noSignals : new PostgresActiveModelSignals(databaseUrl);
  return [
    {
      provide: ServeActiveModels,
      useFactory: (registry: ModelRegistry, engine: InferenceEngine) =>
        new ServeActiveModels(registry, active, engine, preferredBackbone(precision)),
      inject: [MODEL_REGISTRY, InferenceEngine],
    },
    {
      provide: FollowActiveModels,
      useFactory: (serve: ServeActiveModels) =>
        new FollowActiveModels({
          active,
          deletions: new PostgresModelDeletionStore(database),
          serve,
          signals,
          onFailure: (error) => {
            logger.error(
              { err: error },
              'cannot go over to the active models; the former ones go on serving',
            );
          },
        }),
      inject: [ServeActiveModels],
    },
    {
      provide: RunActivation,
      useFactory: (
        registry: ModelRegistry,
        trial: InferenceEngine,
        serve: ServeActiveModels,
        follow: FollowActiveModels,
        outdated: RemoveOutdatedModels,
      ) =>
        new RunActivation({
          registry,
          outdated,
          active,
          templates,
          trial,
          activePair: () => serve.activePair(),
          onSwitched: () => {
            follow.look();
          },
        }),
      inject: [MODEL_REGISTRY, InferenceEngine, ServeActiveModels, FollowActiveModels, RemoveOutdatedModels],
    },
    {
      provide: ManageActivations,
      useFactory: (registry: ModelRegistry, queue: PostgresJobQueue, jobs: BackgroundJobs) =>
        new ManageActivations({
          registry,
          queue,
          active,
          onQueued: () => {
            jobs.wake('activation');
          },
        }),
      inject: [MODEL_REGISTRY, PostgresJobQueue, BackgroundJobs],
    },
    {
      provide: ActivateModel,
      useFactory: (registry: ModelRegistry, serve: ServeActiveModels, activations: ManageActivations) =>
        new ActivateModel({ registry, active, serve, activations }),
      inject: [MODEL_REGISTRY, ServeActiveModels, ManageActivations],
    },
  ];
}
