import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.js';
import { bundleFilesOf } from '../../core/models/contract.js';
import type { ModelManifest, ModelVersion } from '../../core/models/manifest.js';
import { hasErrorCode, storageFailure, syncFolder, writeDurably } from '../files/durable-files.js';
import { parseManifest } from './manifest-schema.js';
import type { ModelRegistry, RegisteredModel } from './model-registry.js';
import { isModelVersionId, modelVersionOf, parseVersion, serialiseVersion } from './stored-version.js';
import { verifyFiles } from './verify-bundle.js';

const versionFile = 'version.json';
/** The beginning of the names of folders that are not versions yet, or not any more. */
const hiddenPrefix = '.incoming-';
/** It is far longer than writing a bundle takes, so a folder of this age was left by a process that died. */
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * The files of model versions on this machine, in a data directory:
 *
 *     models/<id>/version.json    identity and manifest
 *     models/<id>/<file>.onnx     the graphs that the manifest names
 *
 * They are a registry of their own where there is no service yet: `symface prepare` leaves versions here for it.
 * A bundle is written to a hidden folder, synced and renamed into place, so a version is there whole or not at
 * all, and two processes that write the same one agree. Nothing in a version's folder changes after; it is removed whole.
 */
export class ModelFiles implements ModelRegistry {
  private readonly modelsFolder: string;

  constructor(dataDirectory: string) {
    this.modelsFolder = join(dataDirectory, 'models');
  }

  /** The ids of the versions here, whole or not. */
  async ids(): Promise<readonly string[]> {
    return (await namesIn(this.modelsFolder)).filter(isModelVersionId);
  }

  /** The versions whose records are whole: one that is damaged must not take the others out of service. */
  async list(): Promise<readonly RegisteredModel[]> {
    const versions = await Promise.all((await this.ids()).map((id) => this.find(id)));
    return versions.filter((version) => version !== undefined).sort(oldestFirst);
  }

  /** The version; undefined where it is not here, or its record cannot be trusted. */
  async find(id: string): Promise<RegisteredModel | undefined> {
    return this.get(id).catch((error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    });
  }

  async get(id: string): Promise<RegisteredModel> {
    if (!isModelVersionId(id)) throw notFound(id);
    const folder = join(this.modelsFolder, id);
    try {
      return { version: parseVersion(id, await readFile(join(folder, versionFile), 'utf8')), folder };
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw notFound(id);
      throw error;
    }
  }

  async register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: RegisteredModel; readonly created: boolean }> {
    // Callers compile against the type, but what is stored must also read back.
    const version = modelVersionOf(parseManifest(manifest), new Date());
    const existing = (await this.list()).find(
      (stored) => stored.version.contractDigest === version.contractDigest,
    );
    if (existing === undefined) return this.write(version, files);
    verifyFiles(version.manifest, files);
    return { stored: existing, created: false };
  }

  /**
   * Writes a version, in place of one whose record is damaged or names other files.
   * @returns not created where it was there, perhaps since another process was faster
   * @throws Failure MODEL_INVALID where the files are not those of the manifest
   */
  async write(
    version: ModelVersion,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: RegisteredModel; readonly created: boolean }> {
    verifyFiles(version.manifest, files);
    const there = await this.find(version.id);
    if (there !== undefined && namesSameFiles(there.version.manifest, version.manifest))
      return { stored: there, created: false };
    await this.removeAbandonedFolders();
    let created = await this.publish(version, files);
    if (!created && (await this.isInTheWay(version))) {
      await this.remove(version.id);
      created = await this.publish(version, files);
    }
    return { stored: await this.get(version.id), created };
  }

  /** Removes a version; does nothing where there is none. */
  async remove(id: string): Promise<void> {
    if (!isModelVersionId(id)) return;
    // Renamed first: whoever reads it meanwhile finds it whole or not at all.
    const outgoing = join(this.modelsFolder, `${hiddenPrefix}${randomUUID()}`);
    try {
      await rename(join(this.modelsFolder, id), outgoing);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return;
      throw error;
    }
    await rm(outgoing, { recursive: true, force: true });
  }

  private async isInTheWay({ id, manifest }: ModelVersion): Promise<boolean> {
    const there = await this.find(id);
    return there === undefined || !namesSameFiles(there.version.manifest, manifest);
  }

  /** @returns false where another process published the same version first */
  private async publish(version: ModelVersion, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const incoming = join(this.modelsFolder, `${hiddenPrefix}${randomUUID()}`);
    await mkdir(incoming, { recursive: true });
    try {
      for (const [fileName, content] of files) await writeDurably(join(incoming, fileName), content);
      await writeDurably(join(incoming, versionFile), serialiseVersion(version));
      await syncFolder(incoming);
      await rename(incoming, join(this.modelsFolder, version.id));
    } catch (error) {
      await rm(incoming, { recursive: true, force: true });
      // A folder never replaces one that holds files: the version is there already.
      if (hasErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) return false;
      throw storageFailure(error, this.modelsFolder);
    }
    await syncFolder(this.modelsFolder);
    return true;
  }

  private async removeAbandonedFolders(): Promise<void> {
    const incoming = (await namesIn(this.modelsFolder)).filter((name) => name.startsWith(hiddenPrefix));
    for (const name of incoming) {
      const folder = join(this.modelsFolder, name);
      const modified = await stat(folder).catch(() => undefined);
      if (modified !== undefined && Date.now() - modified.mtimeMs > abandonedAfterMs) {
        await rm(folder, { recursive: true, force: true });
      }
    }
  }
}

/**
 * Tells whether two manifests of one id name their files alike: the files are the same bytes, only their names may
 * differ.
 */
export function namesSameFiles(one: ModelManifest, other: ModelManifest): boolean {
  const names = (manifest: ModelManifest): string =>
    bundleFilesOf(manifest)
      .map(({ fileName, sha256 }) => `${sha256} ${fileName}`)
      .sort()
      .join('\n');
  return names(one) === names(other);
}

export function oldestFirst(left: RegisteredModel, right: RegisteredModel): number {
  return orderOf(left).localeCompare(orderOf(right), 'en');
}

function orderOf({ version }: RegisteredModel): string {
  return `${version.createTime} ${version.id}`;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function notFound(id: string): Failure {
  return new Failure('MODEL_NOT_FOUND', `There is no model version ${id}. List those there are.`, { id });
}
