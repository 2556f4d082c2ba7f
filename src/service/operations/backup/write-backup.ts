import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../core/failure.js';
import { bundleFilesOf } from '../../../core/models/contract.js';
import type { ModelManifest } from '../../../core/models/manifest.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { type ModelFiles, namesSameFiles } from '../../../storage/models/model-files.js';
import type { Database, Transaction } from '../../platform/database/database.js';
import { packageVersion } from '../../platform/package-version.js';
import { sharedModelPrefix } from '../../models/registry/registered-models.js';
import { backedUpTables } from './backed-up-tables.js';
import {
  artifactEntryName,
  type BackupManifest,
  formatName,
  formatVersion,
  graphName,
  headName,
  manifestName,
  rowsName,
  sealName,
} from './backup-format.js';
import type { BackupKey } from './backup-key.js';
import { rowParts } from './row-parts.js';
import { type TableShape, tableShapes } from './table-shape.js';
import { tarOf, type TarWriter } from './tar-writer.js';

/** What is backed up. */
export interface BackupSource {
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly models: ModelFiles;
  readonly key: BackupKey;
}

type Contents = Omit<
  BackupManifest,
  'format' | 'formatVersion' | 'serviceVersion' | 'createTime' | 'entries'
>;
type Rows = Pick<Contents, 'migrations' | 'tables' | 'searchableCollectionCount' | 'contentBytes'> & {
  readonly registered: readonly Registered[];
};
interface Registered {
  readonly id: string;
  readonly manifest: ModelManifest;
}

/**
 * The backup as it is made, in pieces. Rows are those of one moment; it holds up nobody's changes.
 * @param signal ends it
 * @throws Failure DATABASE_UNAVAILABLE; the signal's reason
 */
export function writeBackup(source: BackupSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const now = new Date();
  const head = {
    format: formatName,
    formatVersion,
    serviceVersion: packageVersion(),
    createTime: now.toISOString(),
  } as const;
  return tarOf(async (tar) => {
    await tar.addText(headName, textOf(head));
    const contents = await new BackupContents(source, tar, signal).write();
    const manifest = Buffer.from(
      textOf({ ...head, ...contents, entries: tar.entries } satisfies BackupManifest),
    );
    await tar.add(manifestName, manifest.length, [manifest]);
    const sha256 = createHash('sha256').update(manifest).digest('hex');
    await tar.addText(sealName, textOf({ sha256, code: source.key.codeOf(manifest) }));
  }, now);
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

class BackupContents {
  private fileBytes = 0;

  constructor(
    private readonly source: BackupSource,
    private readonly tar: TarWriter,
    private readonly signal: AbortSignal,
  ) {}

  async write(): Promise<Contents> {
    const { database, key } = this.source;
    const { registered, contentBytes, ...rows } = await database.snapshot(async (sql) => this.writeRows(sql));
    const missingModels: string[] = [];
    for (const model of registered) if (!(await this.writeGraphs(model))) missingModels.push(model.id);
    const artifactCount = await this.writeArtifacts();
    const ids = registered.map(({ id }) => id);
    return {
      ...rows,
      database: database.folder === undefined ? 'postgresql' : 'embedded',
      keyFingerprint: key.fingerprint,
      models: ids.filter((id) => !missingModels.includes(id)),
      missingModels,
      artifactCount,
      contentBytes: contentBytes + this.fileBytes,
    };
  }

  private async writeRows(sql: Transaction): Promise<Rows> {
    const migrations = await sql.rows<{ readonly name: string }>('SELECT name FROM migrations ORDER BY id');
    const tables: BackupManifest['tables'] = [];
    let contentBytes = 0;
    for (const shape of await tableShapes(sql, backedUpTables())) {
      const { rowCount, textBytes } = await this.writeTable(sql, shape);
      const sequences = await lastValues(sql, shape);
      tables.push({ name: shape.name, columns: [...shape.columns], rowCount, sequences });
      contentBytes += textBytes;
    }
    const [searchable] = await sql.rows<{ readonly count: number }>(
      'SELECT count(*)::int AS count FROM collections WHERE searchable',
    );
    const registered = await sql.rows<Registered>(
      'SELECT id, manifest FROM registered_models WHERE delete_time IS NULL ORDER BY create_time, id',
    );
    return {
      migrations: migrations.map(({ name }) => name),
      tables,
      searchableCollectionCount: searchable?.count ?? 0,
      contentBytes,
      registered,
    };
  }

  private async writeTable(
    sql: Transaction,
    { name }: TableShape,
  ): Promise<{ readonly rowCount: number; readonly textBytes: number }> {
    let [rowCount, textBytes, part] = [0, 0, 0];
    for await (const { compressed, ...more } of rowParts(sql, name)) {
      this.signal.throwIfAborted();
      await this.tar.add(rowsName(name, ++part), compressed.length, [compressed]);
      rowCount += more.rowCount;
      textBytes += more.textBytes;
    }
    return { rowCount, textBytes };
  }

  /** @returns false where they are neither on this machine nor in the artifact store */
  private async writeGraphs({ id, manifest }: Registered): Promise<boolean> {
    const here = await this.source.models.find(id);
    const folder =
      here !== undefined && namesSameFiles(here.version.manifest, manifest) ? here.folder : undefined;
    const shared = folder === undefined ? await this.source.artifacts.list(`${sharedModelPrefix}${id}/`) : [];
    for (const { fileName } of bundleFilesOf(manifest)) {
      this.signal.throwIfAborted();
      const artifact = shared.find(({ name }) => name === `${sharedModelPrefix}${id}/${fileName}`);
      if (folder !== undefined) {
        const path = join(folder, fileName);
        await this.addFile(graphName(id, fileName), (await stat(path)).size, createReadStream(path));
      } else if (artifact !== undefined) {
        await this.addFile(
          graphName(id, fileName),
          artifact.sizeBytes,
          this.source.artifacts.read(artifact.name),
        );
      } else {
        return false;
      }
    }
    return true;
  }

  /** Those of models are written as {@link writeGraphs} does; one that is removed meanwhile is left out. */
  private async writeArtifacts(): Promise<number> {
    let count = 0;
    for (const { name, sizeBytes } of await this.source.artifacts.list('')) {
      if (name.startsWith(sharedModelPrefix)) continue;
      this.signal.throwIfAborted();
      const content = this.source.artifacts.read(name)[Symbol.asyncIterator]();
      const first = await content.next().catch((error: unknown) => {
        if (error instanceof Failure && error.reason === 'ARTIFACT_NOT_FOUND') return undefined;
        throw error;
      });
      if (first === undefined) continue;
      await this.addFile(artifactEntryName(name), sizeBytes, from(first, content));
      count++;
    }
    return count;
  }

  private async addFile(name: string, sizeBytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.tar.add(name, sizeBytes, content);
    this.fileBytes += sizeBytes;
  }
}

async function* from(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
}

async function lastValues(
  sql: Transaction,
  { sequences }: TableShape,
): Promise<BackupManifest['tables'][number]['sequences']> {
  const last: BackupManifest['tables'][number]['sequences'] = [];
  for (const { column, sequence } of sequences) {
    const [row] = await sql.rows<{ readonly value: string; readonly isCalled: boolean }>(
      `SELECT last_value::text AS value, is_called AS "isCalled" FROM ${sequence}`,
    );
    if (row?.isCalled === true) last.push({ column, lastValue: row.value });
  }
  return last;
}
