import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ModelRegistry, StoredModelVersion } from './model-registry.js';
import type { ModelManifest, ModelVersion } from '../../core/models/manifest.js';
import { Failure } from '../../core/failure.js';
import { hasErrorCode, syncFolder, writeDurably } from '../files/durable-files.js';
import { parseManifest } from './manifest-schema.js';
import { isModelVersionId, modelVersionOf, parseVersion, serialiseVersion } from './stored-version.js';
import { verifyFiles } from './verify-bundle.js';

const VERSION_FILE = 'version.json';
/** The beginning of the names of folders that are not versions yet, or not any more. */
const HIDDEN_PREFIX = '.incoming-';
/** It is far longer than writing a bundle takes, so a folder of this age was left by a process that died. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Model versions as folders of a data directory:
 *
 *     models/<id>/version.json    identity and manifest
 *     models/<id>/<file>.onnx     the graphs that the manifest names
 *
 * A bundle is written to a hidden folder, synced and renamed into place, so a version is there whole or not at
 * all, and two processes that register the same model agree on one. Nothing in a version's folder changes after; it is
 * removed whole.
 */
export class FileModelRegistry implements ModelRegistry {
  private readonly modelsFolder: string;

  /** @param onDamagedVersion told of each version that a listing leaves out, since its record cannot be trusted */
  constructor(
    dataDirectory: string,
    private readonly onDamagedVersion: (id: string, failure: Failure) => void = () => undefined,
  ) {
    this.modelsFolder = join(dataDirectory, 'models');
  }

  /** The versions whose records are whole: one that is damaged must not take the others out of service. */
  async list(): Promise<readonly StoredModelVersion[]> {
    const names = await namesIn(this.modelsFolder);
    const versions = await Promise.all(names.filter(isModelVersionId).map((id) => this.getUnlessDamaged(id)));
    return versions
      .filter((version) => version !== undefined)
      .sort((left, right) => orderOf(left).localeCompare(orderOf(right), 'en'));
  }

  private async getUnlessDamaged(id: string): Promise<StoredModelVersion | undefined> {
    try {
      return await this.get(id);
    } catch (error) {
      // MODEL_NOT_FOUND: a folder without a record, or one removed meanwhile.
      if (!(error instanceof Failure)) throw error;
      this.onDamagedVersion(id, error);
      return undefined;
    }
  }

  async get(id: string): Promise<StoredModelVersion> {
    if (!isModelVersionId(id)) throw notFound(id);
    const folder = join(this.modelsFolder, id);
    try {
      return { version: parseVersion(id, await readFile(join(folder, VERSION_FILE), 'utf8')), folder };
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw notFound(id);
      throw error;
    }
  }

  async register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: StoredModelVersion; readonly created: boolean }> {
    // Callers compile against the type, but what is stored must also read back.
    const version = modelVersionOf(parseManifest(manifest), new Date());
    verifyFiles(version.manifest, files);
    const existing = (await this.list()).find(
      (stored) => stored.version.contractDigest === version.contractDigest,
    );
    if (existing !== undefined) return { stored: existing, created: false };

    await this.removeAbandonedFolders();
    const created = await this.publish(version, files);
    return { stored: await this.get(version.id), created };
  }

  async remove(id: string): Promise<void> {
    if (!isModelVersionId(id)) return;
    // Renamed first: whoever reads it meanwhile finds it whole or not at all.
    const outgoing = join(this.modelsFolder, `${HIDDEN_PREFIX}${randomUUID()}`);
    try {
      await rename(join(this.modelsFolder, id), outgoing);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return;
      throw error;
    }
    await rm(outgoing, { recursive: true, force: true });
  }

  /** @returns false where another process published the same version first */
  private async publish(version: ModelVersion, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const incoming = join(this.modelsFolder, `${HIDDEN_PREFIX}${randomUUID()}`);
    await mkdir(incoming, { recursive: true });
    try {
      for (const [fileName, content] of files) await writeDurably(join(incoming, fileName), content);
      await writeDurably(join(incoming, VERSION_FILE), serialiseVersion(version));
      await syncFolder(incoming);
      await rename(incoming, join(this.modelsFolder, version.id));
    } catch (error) {
      await rm(incoming, { recursive: true, force: true });
      // A folder never replaces one that holds files: the version is there already.
      if (hasErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) return false;
      throw error;
    }
    await syncFolder(this.modelsFolder);
    return true;
  }

  private async removeAbandonedFolders(): Promise<void> {
    const incoming = (await namesIn(this.modelsFolder)).filter((name) => name.startsWith(HIDDEN_PREFIX));
    for (const name of incoming) {
      const folder = join(this.modelsFolder, name);
      const modified = await stat(folder).catch(() => undefined);
      if (modified !== undefined && Date.now() - modified.mtimeMs > ABANDONED_AFTER_MS) {
        await rm(folder, { recursive: true, force: true });
      }
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function orderOf({ version }: StoredModelVersion): string {
  return `${version.createTime} ${version.id}`;
}

function notFound(id: string): Failure {
  return new Failure('MODEL_NOT_FOUND', `there is no model version ${id}`, { id });
}
