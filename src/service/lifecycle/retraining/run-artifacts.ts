import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { Failure } from '../../../core/failure.js';
import { trainingArtifacts } from './training-artifacts.js';
import { hasErrorCode, storageFailure } from '../../../storage/files/durable-files.js';
import {
  logFileName,
  reportFileName,
  runFolderName,
  snapshotFileName,
} from '../../../training/enrolled-faces/trainer-protocol.js';

const checkpoints = 'checkpoints';

/** Copies a training's files between its folder on this machine and its job's artifacts. */
export class RunArtifacts {
  private readonly names;

  constructor(
    private readonly artifacts: ArtifactStore,
    jobId: string,
    private readonly folder: string,
  ) {
    this.names = trainingArtifacts(jobId);
  }

  /**
   * Fetches the faces, and what an earlier attempt kept of its run. A run whose files are damaged begins anew.
   * @throws Failure ARTIFACT_NOT_FOUND, ARTIFACT_DAMAGED where the faces are not there whole
   */
  async bring(): Promise<void> {
    await this.fetch(this.names.faces, join(this.folder, snapshotFileName));
    try {
      for (const { name } of await this.artifacts.list(this.names.run)) {
        await this.fetch(name, join(this.folder, runFolderName, name.slice(this.names.run.length)));
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== 'ARTIFACT_DAMAGED') throw error;
      await rm(join(this.folder, runFolderName), { recursive: true, force: true });
    }
  }

  /** Keeps the newest checkpoint, with the log up to it, in place of what was kept before. */
  async keepCheckpoint(): Promise<void> {
    const run = join(this.folder, runFolderName);
    const newest = (await readdir(join(run, checkpoints)))
      .filter((name) => name.startsWith('step-'))
      .sort()
      .at(-1);
    if (newest === undefined) return;
    await this.store(`${this.names.run}${logFileName}`, join(run, logFileName));
    const prefix = `${this.names.run}${checkpoints}/${newest}/`;
    for (const name of await readdir(join(run, checkpoints, newest))) {
      await this.store(`${prefix}${name}`, join(run, checkpoints, newest, name));
    }
    for (const { name } of await this.artifacts.list(`${this.names.run}${checkpoints}/`)) {
      if (!name.startsWith(prefix)) await this.artifacts.remove(name);
    }
  }

  async keepReport(): Promise<void> {
    const run = join(this.folder, runFolderName);
    await this.store(this.names.report, join(run, reportFileName));
    await this.store(this.names.log, join(run, logFileName));
  }

  private async fetch(name: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(this.artifacts.read(name), createWriteStream(path)).catch((error: unknown) => {
      throw storageFailure(error, path);
    });
  }

  private async store(name: string, path: string): Promise<void> {
    await this.artifacts.write(name, createReadStream(path)).catch((error: unknown) => {
      // A run without a step has no log.
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    });
  }
}
