import { type Configuration, ConfigurationError } from '../../platform/configuration/configuration.js';
import { openDatabaseAsItIs } from '../../platform/database/open-database.js';
import { artifactStoreOf } from '../../platform/artifacts/artifact-store-of.js';
import type { Database } from '../../platform/database/database.js';
import { formerKey } from '../../platform/encryption/first-data-keys.js';
import { loadMasterKeys } from '../../platform/encryption/load-master-keys.js';
import { knownMasterKeys, type MasterKeys, wrongMasterKey } from '../../platform/encryption/master-keys.js';
import { ModelFiles } from '../../../storage/models/model-files.js';
import { tables } from '../../tables.js';
import type { BackupManifest } from './backup-format.js';
import { BackupKey } from './backup-key.js';
import { checkBackup } from './read-backup.js';
import { restoreBackup } from './restore-backup.js';
import { writeBackup } from './write-backup.js';

type Progress = (doneBytes: number, totalBytes: number) => void;
type Warn = (message: string) => void;

/**
 * Backs the database up that the settings name, as it is: also one that an older version has left. With the embedded database the
 * service must be stopped.
 * @throws ConfigurationError, Failure DATABASE_UNAVAILABLE; the signal's reason
 */
export async function* backUpOffline(
  configuration: Configuration,
  warn: Warn,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const masters = await mastersOf(configuration, warn);
  const database = await openDatabaseAsItIs(configuration, tables);
  try {
    await requireTables(database);
    await requireRightKey(database, masters);
    const artifacts = artifactStoreOf(configuration, database);
    const models = new ModelFiles(configuration.dataFolder);
    yield* writeBackup({ database, artifacts, models, key: new BackupKey(masters.configured) }, signal);
  } finally {
    await database.close();
  }
}

/**
 * Checks a backup, and that the key that the settings name opens it. Writes nothing.
 * @throws Failure BACKUP_INVALID, BACKUP_DAMAGED, BACKUP_KEY_MISMATCH; ConfigurationError where there is no key
 */
export async function checkOffline(
  file: string,
  configuration: Configuration,
  warn: Warn,
  onProgress: Progress,
): Promise<BackupManifest> {
  return checkBackup(file, new BackupKey((await mastersOf(configuration, warn)).configured), onProgress);
}

/**
 * Checks a backup, then restores it into the database that the settings name.
 * @returns what it had, and where that is now, for people
 * @throws as {@link checkOffline} and {@link restoreBackup} do
 */
export async function restoreOffline(
  file: string,
  configuration: Configuration,
  warn: Warn,
  onProgress: Progress,
): Promise<{ readonly manifest: BackupManifest; readonly description: string }> {
  const masters = await mastersOf(configuration, warn);
  const manifest = await checkBackup(file, new BackupKey(masters.configured));
  const description = await restoreBackup({ file, manifest, configuration, masters, onProgress });
  return { manifest, description };
}

/** @throws ConfigurationError where no service has begun in the database yet */
async function requireTables(database: Database): Promise<void> {
  if (await hasTable(database, 'encryption_checks')) return;
  throw new ConfigurationError(
    `The database (${database.description}) has no tables of SymFace: there is nothing to back up. Where "symface restore" was ended ` +
      'at its very beginning, type it again.',
  );
}

async function hasTable(database: Database, name: string): Promise<boolean> {
  const [table] = await database.rows<{ readonly isThere: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS "isThere"',
    [name],
  );
  return table?.isThere === true;
}

/** Reads what the start of the service reads, and makes nothing. @throws ConfigurationError where the faces are of another key */
async function requireRightKey(database: Database, masters: MasterKeys): Promise<void> {
  await formerKey(database, masters, undefined);
  if (!(await hasTable(database, 'data_keys'))) return;
  const known = new Set(knownMasterKeys(masters).map(({ id }) => id));
  const rows = await database.rows<{ readonly id: string }>(
    'SELECT DISTINCT master_key_id AS id FROM data_keys',
  );
  const unknown = rows.find(({ id }) => !known.has(id));
  if (unknown !== undefined) throw wrongMasterKey(database.description, unknown.id, masters, undefined);
}

/** @throws ConfigurationError where there is none: one that was made now would open nothing */
async function mastersOf(configuration: Configuration, warn: Warn): Promise<MasterKeys> {
  const {
    encryptionKey: configured,
    previousEncryptionKey: previous,
    dataFolder,
    databaseUrl,
  } = configuration;
  const settings = { configured, previous, dataFolder, mayMakeKey: databaseUrl === undefined };
  const isNamed = Object.values(configured).some((source) => source !== undefined);
  if (databaseUrl !== undefined && !isNamed) {
    throw new ConfigurationError(
      'There is no encryption key: set SYMFACE_ENCRYPTION_KEY_FILE (or SYMFACE_ENCRYPTION_KEY, or SYMFACE_ENCRYPTION_KEY_COMMAND) to ' +
        'the one that the service of the backup has. A new one opens nothing of it.',
    );
  }
  const warnings: string[] = [];
  const { masters, made } = await loadMasterKeys(settings, (message) => warnings.push(message));
  if (made === undefined) {
    // What is said of a key that would be made here is not: it would be the wrong one.
    warnings.forEach(warn);
    return masters;
  }
  throw new ConfigurationError(
    `There is no encryption key: copy the one that the backup was made with to ${made.file}, or set SYMFACE_ENCRYPTION_KEY_FILE.`,
  );
}
