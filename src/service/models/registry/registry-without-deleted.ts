import type { ModelDeletionStore } from './model-deletion-store.js';
import type { ModelRegistry, StoredModelVersion } from '../../../storage/models/model-registry.js';
import { Turns } from '../../../core/concurrency/turns.js';
import { Failure } from '../../../core/failure.js';
import type { ModelManifest } from '../../../core/models/manifest.js';
import { parseManifest } from '../../../storage/models/manifest-schema.js';
import { modelVersionOf } from '../../../storage/models/stored-version.js';

/**
 * A registry without the versions that were deleted, by whichever replica: it removes what is left of them as it comes
 * across it. Registering one again takes it back.
 */
export class RegistryWithoutDeleted implements ModelRegistry {
  /** One after another: what is being registered must not be removed as what was deleted before. */
  private readonly turns = new Turns();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly deletions: Pick<ModelDeletionStore, 'deletedIds' | 'restore' | 'whileDeleted'>,
    /** Told of each deleted version that cannot be removed from here; it is tried again the next time. */
    private readonly onLeft: (id: string, error: unknown) => void,
  ) {}

  async list(): Promise<readonly StoredModelVersion[]> {
    return this.turns.take(async () => this.listAndRemove());
  }

  async get(id: string): Promise<StoredModelVersion> {
    if (!(await this.deletions.deletedIds()).has(id)) return this.registry.get(id);
    throw new Failure('MODEL_NOT_FOUND', `the model version ${id} was deleted`, { id });
  }

  async register(
    manifest: ModelManifest,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly stored: StoredModelVersion; readonly created: boolean }> {
    return this.turns.take(async () => {
      // Of the same contract a deleted version may be left, which would be taken for this one.
      await this.listAndRemove();
      await this.deletions.restore(modelVersionOf(parseManifest(manifest), new Date()).id);
      return this.registry.register(manifest, files);
    });
  }

  async remove(id: string): Promise<void> {
    await this.registry.remove(id);
  }

  private async listAndRemove(): Promise<readonly StoredModelVersion[]> {
    const stored = await this.registry.list();
    const deletedIds = await this.deletions.deletedIds();
    for (const { version } of stored) if (deletedIds.has(version.id)) await this.removeDeleted(version.id);
    return stored.filter(({ version }) => !deletedIds.has(version.id));
  }

  private async removeDeleted(id: string): Promise<void> {
    try {
      await this.deletions.whileDeleted(id, async () => this.registry.remove(id));
    } catch (error) {
      if (error instanceof Failure && error.reason === 'DATABASE_UNAVAILABLE') throw error;
      this.onLeft(id, error);
    }
  }
}
