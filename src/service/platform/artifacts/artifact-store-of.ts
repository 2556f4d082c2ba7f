import { join } from 'node:path';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { DirectoryArtifactStore } from '../../../storage/artifacts/directory-artifact-store.js';
import type { Configuration } from '../configuration/configuration.js';
import type { Database } from '../database/database.js';
import { PostgresArtifactStore } from './postgres-artifact-store.js';

/** The store that the settings name. */
export function artifactStoreOf(
  { artifactStore, dataFolder }: Pick<Configuration, 'artifactStore' | 'dataFolder'>,
  database: Database,
): ArtifactStore {
  return artifactStore === 'database'
    ? new PostgresArtifactStore(database)
    : new DirectoryArtifactStore(join(dataFolder, 'artifacts'));
}
