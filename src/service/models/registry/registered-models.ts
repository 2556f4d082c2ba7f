import { IsNull, Not } from 'typeorm';
import { Mutex } from '../../../core/concurrency/mutex.js';
import { Failure } from '../../../core/failure.js';
import { bundleFilesOf } from '../../../core/models/contract.js';
import type { ModelManifest, ModelVersion } from '../../../core/models/manifest.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { parseManifest } from '../../../storage/models/manifest-schema.js';
import { type ModelFiles, namesSameFiles, oldestFirst } from '../../../storage/models/model-files.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import { modelVersionOf } from '../../../storage/models/stored-version.js';
import { verifyBundle, verifyFiles } from '../../../storage/models/verify-bundle.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Requester } from '../../access/caller.js';
import type { Database, Transaction } from '../../platform/database/database.js';
import { json, moment, type RowOf, table, text } from '../../platform/database/table.js';
import { isDatabaseDown } from '../../platform/database/is-database-down.js';

/**
 * The versions that were ever registered: those that were deleted too, so that no replica takes them up again.
 */
export const registeredModels = table(
  'registered_models',
  {
    id: text().primary(),
    contractDigest: text(),
    manifest: json<ModelManifest>(),
    createTime: moment(),
    deleteTime: moment().optional(),
  },
  { indices: [{ columns: ['contractDigest'], unique: true, where: '(delete_time IS NULL)' }] },
);
type Row = RowOf<typeof registeredModels>;

/** What the names of artifacts begin with that are files of versions: `models/<id>/<file>`. */
export const sharedModelPrefix = 'models/';

/** Held while a version's shared files are written or removed, so that none is registered and removed at once. */
const filesLock = 0x53_79_6d_44;

interface RegisteredModelsParts {
  readonly database: Database;
  /** The files here, of which those that `symface prepare` has left are taken up. */
  readonly files: ModelFiles;
  /**
   * The files of each version under `models/<id>/`, where replicas share a database; where it is undefined, the
   * files here are all.
   */
  readonly artifacts: ArtifactStore | undefined;
  /** It is told once of each version that cannot be used here, and why. */
  readonly onLeftOut: (id: string, error: unknown) => void;
}

/** Model versions in a table, each with a copy of its files on this machine. */
export class RegisteredModels implements ModelRegistry {
  /** One after another: two calls must not load the same files twice, or remove what is being registered. */
  private readonly mutex = new Mutex();
  private readonly told = new Set<string>();

  constructor(private readonly parts: RegisteredModelsParts) {}

  async list(): Promise<readonly RegisteredModel[]> {
    return this.mutex.runExclusive(async () => this.listNow());
  }

  async get(id: string): Promise<RegisteredModel> {
    const stored = (await this.list()).find(({ version }) => version.id === id);
    if (stored !== undefined) return stored;
    const row = await this.parts.database.first(registeredModels, { where: { id } });
    if (row === undefined) return this.parts.files.get(id);
    if (row.deleteTime === undefined) throw unusable(id);
    throw new Failure('MODEL_NOT_FOUND', `The model version ${id} was deleted.`, { id });
  }

  /** @param importer recorded in the audit log, where the version is new */
  async register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
    importer?: Requester,
  ): Promise<{ readonly stored: RegisteredModel; readonly created: boolean }> {
    const version = modelVersionOf(parseManifest(manifest), new Date());
    verifyFiles(version.manifest, files);
    return this.mutex.runExclusive(async () => {
      await this.listNow();
      const { row, created } = await this.admit(version, files, importer);
      // Once more the same model: what is lost of it here is found again.
      if (namesSameFiles(row.manifest, version.manifest)) await this.parts.files.write(versionOf(row), files);
      return { stored: await this.here(row), created };
    });
  }

  async deletedIds(): Promise<ReadonlySet<string>> {
    const deleted = { where: { deleteTime: Not(IsNull()) } };
    return new Set((await this.parts.database.find(registeredModels, deleted)).map(({ id }) => id));
  }

  private async listNow(): Promise<readonly RegisteredModel[]> {
    const here = await this.parts.files.ids();
    const stored: RegisteredModel[] = [];
    for (const row of await this.rowsWithPrepared(here)) {
      const { id, deleteTime } = row;
      if (deleteTime === undefined) await this.attempt(id, async () => stored.push(await this.here(row)));
      else if (here.includes(id)) await this.attempt(id, async () => this.removeFiles(id));
    }
    return stored.sort(oldestFirst);
  }

  /** All rows, once what was prepared here before there was a service is registered. */
  private async rowsWithPrepared(here: readonly string[]): Promise<readonly Row[]> {
    const { database, files } = this.parts;
    const rows = await database.find(registeredModels);
    const unknown = here.filter((id) => !rows.some((row) => row.id === id));
    for (const id of unknown) {
      await this.attempt(id, async () => {
        const stored = await files.get(id);
        const { contractDigest } = stored.version;
        if (rows.some((row) => row.deleteTime === undefined && row.contractDigest === contractDigest)) return;
        await this.admit(stored.version, await verifyBundle(stored));
      });
    }
    return unknown.length === 0 ? rows : database.find(registeredModels);
  }

  /** What concerns one version is no hindrance to the others. */
  private async attempt(id: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.told.delete(id);
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      if (!this.told.has(id)) this.parts.onLeftOut(id, error);
      this.told.add(id);
    }
  }

  /** Registers a version whose contract is not; its files are wherever they belong once it is. */
  private async admit(
    version: ModelVersion,
    files: ReadonlyMap<string, Uint8Array>,
    importer?: Requester,
  ): Promise<{ readonly row: Row; readonly created: boolean }> {
    const { id, contractDigest, manifest } = version;
    const live = { where: { contractDigest, deleteTime: IsNull() } };
    const before = await this.parts.database.first(registeredModels, live);
    if (before !== undefined) return { row: before, created: false };
    await this.parts.files.write(version, files);
    return this.parts.database.transaction(async (sql) => {
      await holdFiles(sql);
      const existing = await sql.first(registeredModels, live);
      if (existing !== undefined) return { row: existing, created: false };
      await this.share(version, files);
      // It may have been deleted before.
      await sql.delete(registeredModels, { id });
      const createTime = new Date(version.createTime);
      const row = await sql.create(registeredModels, { id, contractDigest, manifest, createTime });
      if (importer !== undefined) {
        const { actor, tenant } = importer;
        const [target, details] = [`modelVersions/${id}`, { contract_digest: contractDigest }];
        await recordAuditEvent(sql, { actor, tenant, action: 'model.import', target, details });
      }
      return { row, created: true };
    });
  }

  /** The version with its files on this machine, fetched where they are not. @throws Failure MODEL_INVALID, ARTIFACT_DAMAGED */
  private async here(row: Row): Promise<RegisteredModel> {
    const version = versionOf(row);
    const found = await this.parts.files.find(row.id);
    if (found !== undefined && namesSameFiles(found.version.manifest, row.manifest))
      return { version, folder: found.folder };
    const { stored } = await this.parts.files.write(version, await this.fetch(version));
    return { version, folder: stored.folder };
  }

  private async share({ id }: ModelVersion, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { artifacts } = this.parts;
    for (const [name, content] of files) await artifacts?.write(`${sharedModelPrefix}${id}/${name}`, whole(content));
  }

  private async fetch({ id, manifest }: ModelVersion): Promise<ReadonlyMap<string, Uint8Array>> {
    const { artifacts } = this.parts;
    if (artifacts === undefined) throw unusable(id);
    const files = new Map<string, Uint8Array>();
    for (const { fileName } of bundleFilesOf(manifest)) {
      const pieces: Uint8Array[] = [];
      for await (const piece of artifacts.read(`${sharedModelPrefix}${id}/${fileName}`)) pieces.push(piece);
      files.set(fileName, Buffer.concat(pieces));
    }
    return files;
  }

  /**
   * Removes the files of a deleted version; the copy here last, so that the rest is tried again where it fails.
   */
  private async removeFiles(id: string): Promise<void> {
    const { database, artifacts, files } = this.parts;
    if (artifacts !== undefined) {
      await database.transaction(async (sql) => {
        await holdFiles(sql);
        const row = await sql.first(registeredModels, { where: { id } });
        // Registered once more meanwhile, by another replica.
        if (row?.deleteTime === undefined) return;
        for (const { name } of await artifacts.list(`${sharedModelPrefix}${id}/`)) await artifacts.remove(name);
      });
    }
    await files.remove(id);
  }
}

function versionOf({ id, contractDigest, manifest, createTime }: Row): ModelVersion {
  return { id, contractDigest, manifest, createTime: createTime.toISOString() };
}

function unusable(id: string): Failure {
  return new Failure('MODEL_INVALID', `the files of model version ${id} are missing here, or damaged`, { id });
}

async function holdFiles(sql: Transaction): Promise<void> {
  await sql.rows('SELECT pg_advisory_xact_lock($1)', [filesLock]);
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}
