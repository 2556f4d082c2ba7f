import { type Configuration, ConfigurationError } from '../../platform/configuration/configuration.js';
import { openDatabaseAsItIs } from '../../platform/database/open-database.js';
import { artifactStoreOf } from '../../platform/artifacts/artifact-store-of.js';
import { loadEncryptionKey } from '../../platform/encryption/load-encryption-key.js';
import { ModelFiles } from '../../../storage/models/model-files.js';
import { SecretBox } from '../../../storage/encryption/secret-box.js';
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
  const encryptionKey = await keyOf(configuration, warn);
  const box = new SecretBox(encryptionKey);
  const database = await openDatabaseAsItIs(configuration, box, tables);
  try {
    const artifacts = artifactStoreOf(configuration, database);
    const models = new ModelFiles(configuration.dataFolder);
    yield* writeBackup({ database, artifacts, models, key: new BackupKey(encryptionKey) }, signal);
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
  return checkBackup(file, new BackupKey(await keyOf(configuration, warn)), onProgress);
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
  const encryptionKey = await keyOf(configuration, warn);
  const manifest = await checkBackup(file, new BackupKey(encryptionKey));
  const box = new SecretBox(encryptionKey);
  const description = await restoreBackup({ file, manifest, configuration, box, onProgress });
  return { manifest, description };
}

/** @throws ConfigurationError where there is none: one that was made now would open nothing */
async function keyOf(configuration: Configuration, warn: Warn): Promise<Uint8Array> {
  const { encryptionKey, encryptionKeyFile, dataFolder, databaseUrl } = configuration;
  const settings = { encryptionKey, encryptionKeyFile, dataFolder, mayMakeKey: databaseUrl === undefined };
  const { key, made } = await loadEncryptionKey(settings, warn);
  if (made === undefined) return key;
  throw new ConfigurationError(
    `There is no encryption key: copy the one that the backup was made with to ${made.file}, or set SYMFACE_ENCRYPTION_KEY_FILE.`,
  );
}
