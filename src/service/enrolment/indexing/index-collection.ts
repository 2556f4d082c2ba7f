import type { Caller } from '../../access/caller.js';
import type { BackgroundJobs } from '../../jobs/background-jobs.js';
import type { Job } from '../../jobs/job.js';
import type { Database } from '../../platform/database/database.js';
import { requireVectorIndex } from '../../platform/database/vector-index.js';
import { collectionName, parseCollectionName } from '../../platform/resource-names.js';
import { findCollection } from '../faces/lookups.js';
import { jsonOf } from './indexing.js';

/** Has a job give a collection its index, or take it away. */
export class IndexCollection {
  constructor(
    private readonly database: Database,
    private readonly jobs: Pick<BackgroundJobs, 'enqueue'>,
  ) {}

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SEARCH_UNAVAILABLE, JOB_ALREADY_ACTIVE */
  async execute(name: string, remove: boolean, caller: Caller): Promise<Job> {
    const key = parseCollectionName(name, caller.tenant, 'name');
    const found = await findCollection(this.database, key);
    const { uid: collectionUid, id: collectionId, searchable: wasSearchable } = found;
    if (!remove) await requireVectorIndex(this.database);
    return this.jobs.enqueue({
      kind: 'indexing',
      singletonKey: collectionUid,
      input: jsonOf({ collectionUid, collectionId, remove, wasSearchable }),
      requester: { actor: caller.actor, tenant: caller.tenant },
      details: { collection: collectionName(key), remove: String(remove) },
    });
  }
}
