import { DataKeys } from './encryption/data-keys.js';
import { loadMasterKeys } from './encryption/load-master-keys.js';
import type { Database } from './database/database.js';
import { openDatabase, type Tables } from './database/open-database.js';
import type { Configuration } from './configuration/configuration.js';

/** The database and the keys that its faces are encrypted with. */
export interface Storage {
  readonly database: Database;
  readonly keys: DataKeys;
}

/**
 * Opens what is kept, creating it where there is nothing yet.
 * @throws ConfigurationError where the key or the database cannot be used
 */
export async function openStorage(
  configuration: Configuration,
  logger: { warn(message: string): void },
  tables: Tables,
): Promise<Storage> {
  const { databaseUrl, databasePoolSize, dataFolder, encryptionKey, previousEncryptionKey } = configuration;
  // A database elsewhere outlives this machine's folder, so its key must be one that somebody keeps.
  const mayMakeKey = databaseUrl === undefined;
  const { masters, made } = await loadMasterKeys(
    { configured: encryptionKey, previous: previousEncryptionKey, dataFolder, mayMakeKey },
    (message) => {
      logger.warn(message);
    },
  );
  const database = await openDatabase({ databaseUrl, databasePoolSize, dataFolder }, tables);
  try {
    return { database, keys: await DataKeys.open(database, masters, made) };
  } catch (error) {
    await database.close();
    throw error;
  }
}
