import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { ModelRegistry, StoredModelVersion } from '../../../storage/models/model-registry.js';
import { Turns } from '../../../core/concurrency/turns.js';
import { Failure } from '../../../core/failure.js';
import { bundleFilesOf } from '../../../core/models/contract.js';
import type { ModelManifest } from '../../../core/models/manifest.js';
import { parseManifest } from '../../../storage/models/manifest-schema.js';

const prefix = 'models/';
const manifestName = 'manifest.json';

/**
 * Model versions that replicas share through the artifact store, each with a copy in its own folder:
 *
 *     models/<id>/<file>.onnx
 *     models/<id>/manifest.json    written last: a version is there once this is
 *
 * A registry checks digests when it takes a version in, so what was damaged on the way is refused.
 */
export class SharedModelRegistry implements ModelRegistry {
  /** What was looked for in the store and is here, or cannot be used: ids, and when they were published. */
  private readonly settled = new Set<string>();
  private readonly fetches = new Turns();

  constructor(
    private readonly own: ModelRegistry,
    private readonly artifacts: ArtifactStore,
    /** Told of each version that this replica cannot take over. */
    private readonly onRefused: (id: string, error: unknown) => void,
  ) {}

  async list(): Promise<readonly StoredModelVersion[]> {
    await this.fetchMissing();
    return this.own.list();
  }

  async get(id: string): Promise<StoredModelVersion> {
    try {
      return await this.own.get(id);
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== 'MODEL_NOT_FOUND') throw error;
      await this.fetchMissing();
      return this.own.get(id);
    }
  }

  async register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: StoredModelVersion; readonly created: boolean }> {
    const registered = await this.own.register(manifest, files);
    await this.publish(registered.stored, files);
    return registered;
  }

  async remove(id: string): Promise<void> {
    // Without its manifest no replica takes it over any more.
    await this.artifacts.remove(`${prefix}${id}/${manifestName}`);
    for (const { name } of await this.artifacts.list(`${prefix}${id}/`)) await this.artifacts.remove(name);
    await this.own.remove(id);
  }

  /** @param files of the version, under the names that its own manifest gives them */
  private async publish(
    { version }: StoredModelVersion,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    const shared = await this.artifacts.list(`${prefix}${version.id}/`);
    if (shared.some(({ name }) => name.endsWith(`/${manifestName}`))) return;
    for (const [name, content] of files) {
      await this.artifacts.write(`${prefix}${version.id}/${name}`, whole(content));
    }
    const manifest = Buffer.from(JSON.stringify(version.manifest));
    await this.artifacts.write(`${prefix}${version.id}/${manifestName}`, whole(manifest));
  }

  /** One at a time: two calls must not load the same files twice. */
  private async fetchMissing(): Promise<void> {
    return this.fetches.take(async () => this.fetchNow());
  }

  private async fetchNow(): Promise<void> {
    const shared = await this.artifacts.list(prefix);
    for (const { name, createTime } of shared) {
      if (!name.endsWith(`/${manifestName}`)) continue;
      const id = name.slice(prefix.length, -manifestName.length - 1);
      // Deleted and registered once more, it is another publication.
      const publication = `${id} ${createTime.toISOString()}`;
      if (this.settled.has(publication)) continue;
      try {
        if (!(await this.isHere(id))) await this.fetch(id);
        this.settled.add(publication);
      } catch (error) {
        if (error instanceof Failure && error.reason === 'DATABASE_UNAVAILABLE') throw error;
        // Once: the others are of use without it.
        this.settled.add(publication);
        this.onRefused(id, error);
      }
    }
  }

  private async isHere(id: string): Promise<boolean> {
    return this.own.get(id).then(
      () => true,
      () => false,
    );
  }

  private async fetch(id: string): Promise<void> {
    const json: unknown = JSON.parse((await this.read(`${prefix}${id}/${manifestName}`)).toString('utf8'));
    const manifest = parseManifest(json);
    const files = new Map<string, Uint8Array>();
    for (const { fileName } of bundleFilesOf(manifest)) {
      files.set(fileName, await this.read(`${prefix}${id}/${fileName}`));
    }
    await this.own.register(manifest, files);
  }

  private async read(name: string): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.artifacts.read(name)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}
