import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { Failure } from '../../../core/failure.js';
import { bundleFilesOf } from '../../../core/models/contract.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import { ModelFiles } from '../../../storage/models/model-files.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { registeredModels, sharedModelPrefix } from '../../models/registry/registered-models.js';
import { artifactStoreOf } from '../../platform/artifacts/artifact-store-of.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import { Database } from '../../platform/database/database.js';
import { DataKeys } from '../../platform/encryption/data-keys.js';
import type { MasterKeys } from '../../platform/encryption/master-keys.js';
import { connectDatabase, type Connection } from '../../platform/database/open-database.js';
import { migrate, migrateBy } from '../../platform/database/migrate.js';
import { beginRestore, endRestore, requireRestored } from '../../platform/database/unfinished-restore.js';
import { requireVectorIndex } from '../../platform/database/vector-index.js';
import { tables } from '../../tables.js';
import { backedUpTables } from './backed-up-tables.js';
import { type BackupManifest, damagedBackup, invalidBackup } from './backup-format.js';
import { type BackupEntry, contentOf, readEntries } from './read-backup.js';
import { restoreIndex } from './restore-index.js';
import { insertPart, restoreSequences } from './restore-rows.js';
import { quoted, tableShapes } from './table-shape.js';

/** PGlite never answers again once its disk is full: rows take their text's size in its log and in its tables. */
const [embeddedBytesPerByte, embeddedReserveBytes] = [2, 128 << 20];

interface RestoreParts {
  readonly file: string;
  /** As `checkBackup` gave it. */
  readonly manifest: BackupManifest;
  readonly configuration: Configuration;
  readonly masters: MasterKeys;
  /** Told how many bytes of how many are restored. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Restores a backup that was found whole into the empty database that the settings name. Until it has ended the database says that it is
 * half restored, and no service starts on it.
 * @returns where the data are, for people
 * @throws ConfigurationError; Failure RESTORE_TARGET_NOT_EMPTY, BACKUP_INVALID, BACKUP_DAMAGED, SEARCH_UNAVAILABLE, STORAGE_FULL
 */
export async function restoreBackup(parts: RestoreParts): Promise<string> {
  const { databaseUrl, databasePoolSize, dataFolder } = parts.configuration;
  const settings = { databaseUrl, databasePoolSize, dataFolder, mayReplaceLost: true };
  const connection = await connectDatabase(settings, tables);
  const { dataSource, description, closeStorage, folder } = connection;
  const database = new Database(dataSource, description, closeStorage, folder);
  try {
    await new Restore(parts, connection, database).execute();
    return description;
  } finally {
    await database.close();
  }
}

class Restore {
  private doneBytes = 0;
  private readonly digests: ReadonlyMap<string, string>;

  constructor(
    private readonly parts: RestoreParts,
    private readonly connection: Connection,
    private readonly database: Database,
  ) {
    this.digests = new Map(parts.manifest.entries.map(({ name, sha256 }) => [name, sha256]));
  }

  async execute(): Promise<void> {
    const { database, connection } = this;
    const { manifest, masters } = this.parts;
    this.requireKnownSchema();
    await this.requireEmpty();
    await this.requireRoom();
    // First of all: a service that started on the bare schema would be an empty one.
    await beginRestore(database);
    await migrateBy(connection.dataSource, new Set(manifest.migrations));
    if (manifest.searchableCollectionCount > 0) await this.requireVectorIndex();
    await this.restoreEntries();
    await migrate(connection.dataSource, connection.description);
    // What is of before there were data keys gets them here.
    await restoreIndex(database, await DataKeys.open(database, masters));
    await new JobQueue(database).giveAllBack();
    await endRestore(database);
  }

  /** Where there can be none nothing was restored yet, and it is tried again in the same database. */
  private async requireVectorIndex(): Promise<void> {
    await requireVectorIndex(this.database).catch(async (error: unknown) => {
      await endRestore(this.database);
      throw error;
    });
  }

  private requireKnownSchema(): void {
    const known = new Set(this.connection.dataSource.migrations.map(({ name }) => name));
    const unknown = this.parts.manifest.migrations.find((name) => !known.has(name));
    if (unknown === undefined) return;
    const { serviceVersion } = this.parts.manifest;
    throw invalidBackup(
      `SymFace ${serviceVersion} made it with the schema ${unknown}, which this one does not know: restore it with that version`,
    );
  }

  /** @throws Failure RESTORE_TARGET_NOT_EMPTY */
  private async requireEmpty(): Promise<void> {
    const { database } = this;
    await requireRestored(database);
    for (const { name } of await tableShapes(database, backedUpTables())) {
      const [row] = await database.rows(`SELECT 1 FROM ${quoted(name)} LIMIT 1`);
      if (row !== undefined) throw notEmpty(database, name);
    }
  }

  private async requireRoom(): Promise<void> {
    const { folder } = this.database;
    if (folder === undefined) return;
    const { bavail, bsize } = await statfs(folder);
    const neededBytes = this.parts.manifest.contentBytes * embeddedBytesPerByte + embeddedReserveBytes;
    if (bavail * bsize >= neededBytes) return;
    const message = `The disk of ${folder} has no room for the backup: ${Math.ceil(neededBytes / 2 ** 20)} MiB. Make room.`;
    throw new Failure('STORAGE_FULL', message);
  }

  /** Rows come first and take effect together; files are written once the tables tell of them. */
  private async restoreEntries(): Promise<void> {
    const entries = readEntries(this.parts.file);
    try {
      const next = await this.database.transaction(async (sql) => {
        const rowCounts = new Map<string, number>();
        const insert = async (entry: BackupEntry, name: string): Promise<void> => {
          const table = this.tableNamed(name);
          const count = await insertPart(sql, table, await this.checkedContent(entry));
          rowCounts.set(name, (rowCounts.get(name) ?? 0) + count);
        };
        const left = await this.forRows(entries, insert);
        for (const table of this.parts.manifest.tables) {
          if ((rowCounts.get(table.name) ?? 0) !== table.rowCount)
            throw damagedBackup(`${table.name} has another number of rows than its manifest says`);
          await restoreSequences(sql, table);
        }
        return left;
      });
      await this.restoreFiles(next, entries);
    } finally {
      await entries.return(undefined);
    }
  }

  /** @returns the first entry after those of rows */
  private async forRows(
    entries: AsyncGenerator<BackupEntry>,
    insert: (entry: BackupEntry, table: string) => Promise<void>,
  ): Promise<BackupEntry | undefined> {
    for (;;) {
      const next = await entries.next();
      if (next.done === true) return undefined;
      const entry = next.value;
      if (entry.place.kind === 'rows') await insert(entry, entry.place.table);
      else if (entry.place.kind === 'head') await contentOf(entry);
      else return entry;
      this.progressed(entry);
    }
  }

  private tableNamed(name: string): BackupManifest['tables'][number] {
    const table = this.parts.manifest.tables.find((one) => one.name === name);
    if (table === undefined || !backedUpTables().includes(name))
      throw invalidBackup(`it has rows of ${name}, which is none of its tables`);
    return table;
  }

  private async restoreFiles(
    first: BackupEntry | undefined,
    rest: AsyncGenerator<BackupEntry>,
  ): Promise<void> {
    const { configuration } = this.parts;
    const artifacts = artifactStoreOf(configuration, this.database);
    const graphs = new Map<string, Uint8Array>();
    for (let entry = first; entry !== undefined;) {
      const { place } = entry;
      if (place.kind === 'graph') {
        graphs.set(place.fileName, await this.checkedContent(entry));
        if (await this.restoreModel(place.id, graphs)) graphs.clear();
      } else if (place.kind === 'artifact') {
        const { sha256 } = await artifacts.write(place.artifact, entry.content);
        this.requireDigest(entry.name, sha256);
      } else {
        await contentOf(entry);
      }
      this.progressed(entry);
      const next = await rest.next();
      entry = next.done === true ? undefined : next.value;
    }
  }

  /** @returns false where files of it are still to come */
  private async restoreModel(id: string, graphs: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const row = await this.database.first(registeredModels, { where: { id } });
    if (row === undefined)
      throw invalidBackup(`it has files of the model ${id}, which is none of its models`);
    const names = bundleFilesOf(row.manifest).map(({ fileName }) => fileName);
    if (names.some((name) => !graphs.has(name))) return false;
    const { contractDigest, manifest, createTime } = row;
    const version: ModelVersion = { id, contractDigest, manifest, createTime: createTime.toISOString() };
    const { configuration } = this.parts;
    await new ModelFiles(configuration.dataFolder).write(version, graphs);
    if (configuration.databaseUrl === undefined) return true;
    const artifacts = artifactStoreOf(configuration, this.database);
    for (const [name, content] of graphs)
      await artifacts.write(`${sharedModelPrefix}${id}/${name}`, one(content));
    return true;
  }

  /** The content of an entry that is in memory whole. @throws Failure BACKUP_DAMAGED where it was changed since the check */
  private async checkedContent(entry: BackupEntry): Promise<Buffer> {
    const content = await contentOf(entry);
    this.requireDigest(entry.name, createHash('sha256').update(content).digest('hex'));
    return content;
  }

  private requireDigest(name: string, sha256: string): void {
    if (this.digests.get(name) !== sha256) throw damagedBackup(`${name} was changed since it was checked`);
  }

  private progressed({ sizeBytes }: BackupEntry): void {
    this.doneBytes += sizeBytes;
    const totalBytes = this.parts.manifest.entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    this.parts.onProgress(Math.min(this.doneBytes, totalBytes), totalBytes);
  }
}

async function* one(content: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}

function notEmpty({ description, folder }: Database, table: string): Failure {
  const other =
    folder === undefined
      ? 'Set DATABASE_URL to an empty database'
      : `Set SYMFACE_DATA_DIR to a new folder (with the key), or move the folder ${folder} away`;
  return new Failure(
    'RESTORE_TARGET_NOT_EMPTY',
    `The database (${description}) is not empty: it has rows in ${table}. Nothing was changed. ${other}, while no service uses it.`,
  );
}
