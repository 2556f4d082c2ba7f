import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArtifactStore } from './artifact-store.js';
import { type Artifact, artifactNotFound, requireArtifactName } from './artifact.js';
import { Failure } from '../../core/failure.js';
import { DigestedContent, verified } from './digested-content.js';
import { hasErrorCode, replaceFile, storageFailure, syncFolder } from '../files/durable-files.js';

/**
 * It is far longer than a writer rests between two pieces, so content of this age was left by one that died.
 */
const abandonedAfterMs = 60 * 60 * 1000;
const entrySuffix = '.json';

const entrySchema = z.object({
  content: z.uuid(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: z.string(),
  createTime: z.coerce.date(),
});

interface Entry extends Artifact {
  /** The file under `contents/`. */
  readonly content: string;
}

/**
 * Artifacts in a folder:
 *
 *     contents/<uuid>       bytes, never changed
 *     names/<name>.json     which content has the name, its size and SHA-256
 *
 * The entry is put in place after its content is on disk and is itself replaced in one step, so every reader finds the
 * old artifact or the new one whole.
 */
export class DirectoryArtifactStore implements ArtifactStore {
  private readonly contents: string;
  private readonly names: string;

  constructor(private readonly folder: string) {
    this.contents = join(folder, 'contents');
    this.names = join(folder, 'names');
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<Artifact> {
    requireArtifactName(name);
    const id = randomUUID();
    try {
      await Promise.all([this.contents, this.names].map((path) => mkdir(path, { recursive: true })));
      await this.removeAbandoned();
      const { sizeBytes, sha256 } = await this.writeContent(id, content);
      const previous = await this.entryUnlessDamaged(name);
      const artifact = { name, sizeBytes, sha256, createTime: new Date() };
      await replaceFile(this.entryPath(name), JSON.stringify({ content: id, ...artifact }));
      if (previous !== undefined) await rm(join(this.contents, previous.content), { force: true });
      return artifact;
    } catch (error) {
      await this.removeUnlessNamed(name, id);
      throw storageFailure(error, this.folder);
    }
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    requireArtifactName(name);
    const entry = await this.entry(name);
    if (entry === undefined) throw artifactNotFound(name);
    const file = await this.openContent(entry);
    try {
      yield* verified(entry, file.createReadStream({ autoClose: false }));
    } finally {
      await file.close();
    }
  }

  async list(prefix: string): Promise<readonly Artifact[]> {
    const entries = await this.entries();
    return entries
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, sizeBytes, sha256, createTime }) => ({ name, sizeBytes, sha256, createTime }));
  }

  async remove(name: string): Promise<void> {
    requireArtifactName(name);
    const entry = await this.entryUnlessDamaged(name);
    // The entry first: what is left by a crash between the two has no name and is removed later.
    await rm(this.entryPath(name), { force: true });
    if (entry === undefined) return;
    await syncFolder(this.names);
    await rm(join(this.contents, entry.content), { force: true });
  }

  private async writeContent(
    id: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<Pick<Artifact, 'sizeBytes' | 'sha256'>> {
    const digested = new DigestedContent(content);
    const file = await open(join(this.contents, id), 'wx');
    try {
      // Each call goes on where the last one ended.
      for await (const piece of digested) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(this.contents);
    return { sizeBytes: digested.sizeBytes, sha256: digested.sha256() };
  }

  /** What fails after the entry was put in place, such as removing the content before, must not take the artifact away. */
  private async removeUnlessNamed(name: string, content: string): Promise<void> {
    const entry = await this.entryUnlessDamaged(name);
    if (entry?.content !== content) await rm(join(this.contents, content), { force: true });
  }

  private async openContent({ name, content }: Entry): Promise<FileHandle> {
    try {
      return await open(join(this.contents, content), 'r');
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) throw artifactNotFound(name);
      throw error;
    }
  }

  private entryPath(name: string): string {
    return join(this.names, `${encodeURIComponent(name)}${entrySuffix}`);
  }

  private async entry(name: string): Promise<Entry | undefined> {
    const text = await readFile(this.entryPath(name), 'utf8').catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    return text === undefined ? undefined : { name, ...parseEntry(name, text) };
  }

  /** A damaged record is as good as none: it must not keep others from being written, nor itself from being replaced. */
  private async entryUnlessDamaged(name: string): Promise<Entry | undefined> {
    return this.entry(name).catch((error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    });
  }

  private async entries(): Promise<readonly Entry[]> {
    const names = (await namesIn(this.names))
      .filter((file) => file.endsWith(entrySuffix) && !file.startsWith('.'))
      .map((file) => decodeURIComponent(file.slice(0, -entrySuffix.length)))
      .sort();
    const entries = await Promise.all(names.map((name) => this.entryUnlessDamaged(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  private async removeAbandoned(): Promise<void> {
    // Contents before entries: one that gets its name in between is then seen to have it.
    const contents = await namesIn(this.contents);
    const named = new Set((await this.entries()).map(({ content }) => content));
    for (const content of contents.filter((name) => !named.has(name))) {
      const path = join(this.contents, content);
      const modified = await stat(path).catch(() => undefined);
      if (modified !== undefined && Date.now() - modified.mtimeMs > abandonedAfterMs)
        await rm(path, { force: true });
    }
  }
}

function parseEntry(name: string, text: string): z.infer<typeof entrySchema> {
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = `The record of artifact ${name} is damaged. Remove the file, and use an older artifact or make it again.`;
    throw new Failure('ARTIFACT_DAMAGED', message, { name }, [], { cause });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
}
