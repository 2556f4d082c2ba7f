import type { Requester } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Database } from '../../platform/database/database.js';
import { markDeleted, type ModelDeletionStatus } from './mark-deleted.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { TemplateStore } from '../../enrolment/faces/template.store.js';

export interface DeleteModelDependencies {
  readonly registry: Pick<ModelRegistry, 'get' | 'list'>;
  readonly database: Database;
  readonly templates: Pick<TemplateStore, 'removeOf'>;
  /** Ids of what serves here: a detector may serve without having been chosen. */
  readonly servedIds: () => Promise<ReadonlySet<string>>;
  /** `source` of the versions that come with the package, which the next start would make again. */
  readonly packagedSources: () => Promise<ReadonlySet<string>>;
}

export interface DeletedModel {
  /** Templates of enrolled faces that went with it. */
  readonly templateCount: number;
}

interface DeletionOptions {
  readonly previous: 'allowed' | 'refused';
  /** What the audit log records beside the deletion. */
  readonly details: Readonly<Record<string, string>>;
}

const templatesPerRemoval = 2_000;

/** Removes a version that nothing needs: its files from every replica, and its templates. Reports of it are kept. */
export class DeleteModel {
  constructor(private readonly parts: DeleteModelDependencies) {}

  /** @throws Failure MODEL_NOT_FOUND, MODEL_IN_USE, DATABASE_UNAVAILABLE */
  async execute(
    id: string,
    { actor, tenant }: Requester,
    { previous, details }: DeletionOptions = { previous: 'allowed', details: {} },
  ): Promise<DeletedModel> {
    const { registry, database, servedIds, packagedSources } = this.parts;
    const { version } = await registry.get(id);
    if ((await packagedSources()).has(version.manifest.source)) {
      throw new Failure('MODEL_IN_USE', `${id} comes with SymFace: the next start would make it again.`, {
        id,
      });
    }
    if ((await servedIds()).has(id)) throw inUse(id, { kind: 'serving' });
    const audit = { actor, tenant, action: 'model.delete', target: `modelVersions/${id}`, details } as const;
    const outcome = await markDeleted(database, id, previous, audit);
    if (outcome.kind !== 'deleted') throw inUse(id, outcome);
    // Lets go of the files here; other replicas do it when they next look.
    await registry.list();
    return { templateCount: await this.removeTemplates(id) };
  }

  /** Removes the templates of a version; where that is interrupted, the next activation removes the rest. */
  private async removeTemplates(id: string): Promise<number> {
    let removedCount = 0;
    for (;;) {
      const count = await this.parts.templates.removeOf(id, templatesPerRemoval);
      if (count === 0) return removedCount;
      removedCount += count;
    }
  }
}

function inUse(id: string, outcome: Exclude<ModelDeletionStatus, { readonly kind: 'deleted' }>): Failure {
  switch (outcome.kind) {
    case 'serving':
      return new Failure('MODEL_IN_USE', `${id} serves. Activate another version first.`, { id });
    case 'previous':
      return new Failure('MODEL_IN_USE', `${id} served before; a roll-back goes to it.`, { id });
    case 'in-shadow':
      return new Failure('MODEL_IN_USE', `${id} decides live calls in the shadow. Stop that first.`, { id });
    case 'only-templates': {
      const { faceCount } = outcome;
      return new Failure(
        'MODEL_IN_USE',
        `${faceCount} faces were enrolled by embeddings of ${id} and have no other template. Delete them first.`,
        { id, face_count: String(faceCount) },
      );
    }
    case 'in-job': {
      const { jobId } = outcome;
      return new Failure('MODEL_IN_USE', `Job ${jobId}, which has not ended, needs ${id}.`, {
        id,
        job_id: jobId,
      });
    }
  }
}
