import { Failure } from '../../../core/failure.js';
import { outdatedVersions } from './retention.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { Requester } from '../../access/caller.js';
import type { DeleteModel } from './delete-model.js';

interface RemoveOutdatedModelsParts {
  readonly registry: Pick<ModelRegistry, 'list'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
  readonly deleteModel: Pick<DeleteModel, 'execute'>;
  /** How many fine-tuned versions stay besides what serves and what served before. */
  readonly keptCount: number;
  /** Is told of a version that could not be removed, or of none in particular; nothing else is lost by it. */
  readonly onFailure: (id: string | undefined, error: unknown) => void;
}

/**
 * Removes fine-tuned versions that have had their day, since a service that is retrained every week would fill its
 * disk.
 */
export class RemoveOutdatedModels {
  constructor(private readonly parts: RemoveOutdatedModelsParts) {}

  /**
   * Removes what is outdated. It never fails, since whatever made versions outdated has been done.
   * @param caller whose training or activation that was
   * @returns ids that were removed
   */
  async execute(caller: Requester): Promise<readonly string[]> {
    try {
      return await this.removeAll(caller);
    } catch (error) {
      this.parts.onFailure(undefined, error);
      return [];
    }
  }

  private async removeAll(caller: Requester): Promise<readonly string[]> {
    const { registry, active, keptCount } = this.parts;
    const backbone = await active.active('backbone');
    const inUse = new Set([backbone?.id, backbone?.previousId].filter((id) => id !== undefined));
    const versions = (await registry.list()).map(({ version }) => version);
    const removed: string[] = [];
    for (const { id } of outdatedVersions(versions, inUse, keptCount)) {
      if (await this.remove(id, caller)) removed.push(id);
    }
    return removed;
  }

  private async remove(id: string, caller: Requester): Promise<boolean> {
    const { deleteModel, onFailure, keptCount } = this.parts;
    const details = { retention: `${keptCount} newer ones` };
    try {
      await deleteModel.execute(id, caller, { previous: 'refused', details });
      return true;
    } catch (error) {
      // A job needs it: the next time, then. Or another replica was faster.
      const isExpected =
        error instanceof Failure && (error.reason === 'MODEL_IN_USE' || error.reason === 'MODEL_NOT_FOUND');
      if (!isExpected) onFailure(id, error);
      return false;
    }
  }
}
