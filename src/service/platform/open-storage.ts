import { loadEncryptionKey } from './encryption/load-encryption-key.js';
import { SecretBox } from '../../storage/encryption/secret-box.js';
import type { Database } from './database/database.js';
import { openDatabase, type Tables } from './database/open-database.js';
import type { Configuration } from './configuration/configuration.js';

/** The database and the key that its faces are encrypted with. */
export interface Storage {
  readonly database: Database;
  readonly box: SecretBox;
  readonly encryptionKey: Uint8Array;
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
  const { databaseUrl, databasePoolSize, dataFolder, encryptionKey: text, encryptionKeyFile } = configuration;
  // A database elsewhere outlives this machine's folder, so its key must be one that somebody keeps.
  const settings = {
    encryptionKey: text,
    encryptionKeyFile,
    dataFolder,
    mayMakeKey: databaseUrl === undefined,
  };
  const { key: encryptionKey, made } = await loadEncryptionKey(settings, (message) => {
    logger.warn(message);
  });
  const box = new SecretBox(encryptionKey);
  const place = { databaseUrl, databasePoolSize, dataFolder };
  return { database: await openDatabase(place, box, tables, made), box, encryptionKey };
}
