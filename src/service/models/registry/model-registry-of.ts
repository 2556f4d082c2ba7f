import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { FileModelRegistry } from '../../../storage/models/file-model-registry.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import { interfaceToken } from '../../platform/provide.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import type { PostgresModelDeletionStore } from './postgres-model-deletion-store.js';
import { RegistryWithoutDeleted } from './registry-without-deleted.js';
import { SharedModelRegistry } from './shared-model-registry.js';

export const MODEL_REGISTRY = interfaceToken<ModelRegistry>('ModelRegistry');

/** The models of this replica and of those that share its database, without what was deleted by whichever of them. */
export function modelRegistry(
  configuration: Configuration,
  logger: Logger,
  deletions: PostgresModelDeletionStore,
  artifacts: ArtifactStore,
): ModelRegistry {
  const registry = registryWithDeleted(configuration, logger, artifacts);
  return new RegistryWithoutDeleted(registry, deletions, (id, error) => {
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
