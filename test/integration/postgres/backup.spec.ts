import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealTemplate } from '../../../src/storage/encryption/sealed-records.js';
import { ModelFiles } from '../../../src/storage/models/model-files.js';
import { recordAuditEvent } from '../../../src/service/access/audit/audit-log.js';
import { collections, faces, subjects, templates } from '../../../src/service/enrolment/enrolment-tables.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { backedUpTables } from '../../../src/service/operations/backup/backed-up-tables.js';
import type { BackupManifest } from '../../../src/service/operations/backup/backup-format.js';
import { BackupKey } from '../../../src/service/operations/backup/backup-key.js';
import { checkBackup } from '../../../src/service/operations/backup/read-backup.js';
import { restoreBackup } from '../../../src/service/operations/backup/restore-backup.js';
import { writeBackup } from '../../../src/service/operations/backup/write-backup.js';
import { artifactStoreOf } from '../../../src/service/platform/artifacts/artifact-store-of.js';
import { readConfiguration } from '../../../src/service/platform/configuration/configuration.js';
import type { Database } from '../../../src/service/platform/database/database.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { isIndexBuilt, requireVectorIndex } from '../../../src/service/platform/database/vector-index.js';
import { tables } from '../../../src/service/tables.js';
import { describeOnEveryDatabase, testMasters } from '../../support/databases.js';
import { testEncryptionKey } from '../../support/encryption-key.js';
import { copyDatabaseTemplate } from '../../support/database-template.js';
import { someCaller, unitVector } from '../../support/enrolments.js';
import { someJob } from '../../support/jobs.js';
import { reasonOf } from '../../support/reason-of.js';

const key = new BackupKey(testMasters.configured);
const name = 'Zoë 👩‍🔬 "quoted" \\ \n';
const faceCount = 700;

describeOnEveryDatabase('a backup', (test) => {
  let folder: string;
  let file: string;
  let manifest: BackupManifest;
  let source: ReturnType<typeof sourceOf>;
  let isSearchable: boolean;
  let uid: string;
  /** What it was restored into. */
  let database: Database;
  let dataFolder: string;

  function sourceOf() {
    const artifacts = artifactStoreOf({ artifactStore: 'folder', dataFolder: folder }, test.database);
    return { database: test.database, artifacts, models: new ModelFiles(folder), key };
  }

  const write = async (path: string): Promise<void> =>
    writeFile(path, writeBackup(source, new AbortController().signal));

  /** A data folder for an embedded database with the schema, which costs less than making it, and no rows. */
  async function emptyTarget() {
    const dataFolder = await mkdtemp(join(folder, 'target-'));
    await copyDatabaseTemplate(dataFolder);
    return { dataFolder, configuration: configurationOf(dataFolder) };
  }

  const configurationOf = (folderOfData: string) =>
    readConfiguration({ SYMFACE_DATA_DIR: folderOfData, SYMFACE_ENCRYPTION_KEY: testEncryptionKey });

  async function restore(change: Partial<BackupManifest> = {}) {
    const { dataFolder, configuration } = await emptyTarget();
    const parts = { file, manifest: { ...manifest, ...change }, configuration, masters: testMasters };
    await restoreBackup({ ...parts, onProgress: () => undefined });
    return dataFolder;
  }

  const rowsIn = async (database: Database, table: string): Promise<readonly string[]> =>
    (await database.rows<{ line: string }>(`SELECT row_to_json(t)::text AS line FROM ${table} t`))
      .map(({ line }) => line)
      .sort();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-backup-'));
    file = join(folder, 'backup.tar');
    source = sourceOf();
    await fill();
    await write(file);
    manifest = await checkBackup(file, key);
    dataFolder = await restore();
    database = await openDatabase({ databaseUrl: undefined, dataFolder }, tables);
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  async function fill(): Promise<void> {
    const { database: filled } = test;
    const box = await test.keys.toSeal();
    isSearchable = await requireVectorIndex(filled).then(
      () => true,
      () => false,
    );
    const qualityGate = { minimumUtility: 1 / 3 } as never;
    const collection = {
      tenant: 'acme',
      id: 'staff',
      displayName: name,
      qualityGate,
      searchable: isSearchable,
    };
    ({ uid } = await filled.create(collections, collection));
    const subject = await filled.create(subjects, { collectionUid: uid, id: 'zoe', displayName: name });
    await filled.transaction(async (sql) => {
      for (let index = 0; index < faceCount; index++) {
        const id = randomUUID();
        const sealed = sealTemplate(box, id, 'net-1', unitVector(index));
        const face = {
          id,
          collectionUid: uid,
          subjectUid: subject.uid,
          detectorVersion: 'd',
          rho: 0.1 + index / 7,
        };
        await sql.insert(faces, {
          ...face,
          sealedCrop: Buffer.from(box.seal(Buffer.alloc(20_000), 'a crop')),
        });
        await sql.insert(templates, {
          faceId: id,
          modelVersion: 'net-1',
          collectionUid: uid,
          revision: '1',
          sealed: Buffer.from(sealed),
        });
      }
      await recordAuditEvent(sql, { ...someCaller, action: 'face.delete', target: 'x', details: { name } });
    });
    await new JobQueue(filled).enqueue({
      ...someJob,
      kind: 'training',
      input: { name, big: 12345678901234567890n.toString() },
    });
    await new JobQueue(filled).claim(['training'], 'a worker', 3_600_000);
    await source.artifacts.write('training/a/report.html', pieces('text of a report'));
  }

  it('has every row as it was, in parts that fit into memory', async () => {
    const parts = manifest.entries.filter(({ name: entry }) => entry.startsWith('tables/faces/'));
    expect(parts.length).toBeGreaterThan(2);
    for (const table of backedUpTables().filter((one) => one !== 'jobs'))
      expect([table, await rowsIn(database, table)]).toEqual([table, await rowsIn(test.database, table)]);
    expect(await rowsIn(database, 'faces')).toHaveLength(faceCount);
  });

  it('goes on as before: numbers, the append-only log, jobs, artifacts, the index', async () => {
    const more = await database.create(subjects, { collectionUid: uid, id: 'new', displayName: '' });
    expect(Number(more.uid)).toBe(2);
    await expect(database.rows('DELETE FROM audit_events')).rejects.toThrow(/append-only/u);
    const [job] = await new JobQueue(database).list({ limit: 5, after: undefined });
    expect(job).toMatchObject({ state: 'queued', failedAttempts: 0, input: { name } });
    const artifacts = artifactStoreOf({ artifactStore: 'folder', dataFolder }, database);
    const read: Uint8Array[] = [];
    for await (const piece of artifacts.read('training/a/report.html')) read.push(piece);
    expect(Buffer.concat(read).toString()).toBe('text of a report');
    if (!isSearchable) return;
    expect(await isIndexBuilt(database, { collectionUid: uid, modelVersion: 'net-1' })).toBe(true);
    const [count] = await database.rows('SELECT count(*)::int AS count FROM searchable_templates');
    expect(count).toEqual({ count: faceCount });
  });

  it('is of one moment, whatever is written meanwhile, and holds nobody up', async () => {
    if (test.database.folder !== undefined) return;
    const path = join(folder, 'beside.tar');
    const content = writeBackup(source, new AbortController().signal);
    const read: Buffer[] = [];
    let sinceMs = 0;
    for await (const piece of content as AsyncIterable<Buffer>) {
      read.push(piece);
      if (sinceMs > 0 || !piece.includes('tables/')) continue;
      const startedAtMs = performance.now();
      await test.database.insert(subjects, {
        collectionUid: uid,
        id: `late-${randomUUID()}`,
        displayName: '',
      });
      await test.database.rows('UPDATE collections SET revision = revision + 1');
      sinceMs = performance.now() - startedAtMs;
    }
    expect(sinceMs).toBeLessThan(5_000);
    await writeFile(path, Buffer.concat(read));
    const beside = await checkBackup(path, key);
    expect(beside.tables.find(({ name: table }) => table === 'subjects')?.rowCount).toBe(1);
    await test.database.rows(`DELETE FROM subjects WHERE id <> 'zoe'`);
  });

  it('ends when nobody reads it any more', async () => {
    for await (const piece of writeBackup(source, new AbortController().signal)) if (piece.length > 0) break;
    // The embedded database has one connection: it is free again.
    expect(await test.database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const leaving = new AbortController();
    leaving.abort(new Error('the client left'));
    await expect(writeFile(join(folder, 'left.tar'), writeBackup(source, leaving.signal))).rejects.toThrow(
      /the client left/u,
    );
  });

  it('is restored into nothing but an empty database', async () => {
    await database.close();
    const configuration = configurationOf(dataFolder);
    const parts = { file, manifest, configuration, masters: testMasters, onProgress: () => undefined };
    expect(await reasonOf(restoreBackup(parts))).toBe('RESTORE_TARGET_NOT_EMPTY');
    database = await openDatabase({ databaseUrl: undefined, dataFolder }, tables);
  });

  it('that was restored in part keeps the service from starting, and another restore', async () => {
    const { dataFolder, configuration } = await emptyTarget();
    const entries = manifest.entries.map((entry) =>
      entry.name.startsWith('artifacts/') ? { ...entry, sha256: createHash('sha256').digest('hex') } : entry,
    );
    const parts = {
      file,
      manifest: { ...manifest, entries },
      configuration,
      masters: testMasters,
      onProgress: () => undefined,
    };
    expect(await reasonOf(restoreBackup(parts))).toBe('BACKUP_DAMAGED');
    const opened = openDatabase({ databaseUrl: undefined, dataFolder }, tables);
    await expect(opened).rejects.toThrow(/half restored.*Remove the folder/u);
    await expect(restoreBackup(parts)).rejects.toThrow(/half restored/u);
  });

  it('with a row too few, of an unknown schema or of an unknown table is refused', async () => {
    const fewer = manifest.tables.map((table) =>
      table.name === 'faces' ? { ...table, rowCount: table.rowCount + 1 } : table,
    );
    expect(await reasonOf(restore({ tables: fewer }))).toBe('BACKUP_DAMAGED');
    const newer = [...manifest.migrations, 'Later1999999999999'];
    const refused = restore({ migrations: newer });
    await expect(refused).rejects.toThrow(/Later1999999999999, which this one does not know/u);
    const without = manifest.tables.filter((table) => table.name !== 'templates');
    expect(await reasonOf(restore({ tables: without }))).toBe('BACKUP_INVALID');
  });
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}
