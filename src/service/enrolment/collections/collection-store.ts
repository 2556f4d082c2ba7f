import type { Caller } from '../../access/caller.js';
import type { Collection, DeletionReceipt } from '../collection.js';
import type { QualityGate } from '../quality-gate.js';
import type { CollectionKey } from '../../platform/resource-names.js';
import type { PageQuery } from '../../platform/page.js';

export interface NewCollection {
  readonly displayName: string;
  readonly qualityGate: QualityGate;
  readonly searchable: boolean;
  readonly defaultConsentToTrain: boolean;
}

export interface CollectionChanges {
  readonly displayName?: string;
  readonly qualityGate?: QualityGate;
  readonly defaultConsentToTrain?: boolean;
}

/**
 * Keeps collections of subjects durably; changes and deletions are recorded in the audit log in the same transaction.
 */
export interface CollectionStore {
  /** @throws Failure COLLECTION_ALREADY_EXISTS; SEARCH_UNAVAILABLE for a searchable one where there is no index */
  create(key: CollectionKey, collection: NewCollection, caller: Caller): Promise<Collection>;
  /** @throws Failure COLLECTION_NOT_FOUND */
  get(key: CollectionKey): Promise<Collection>;
  /** Lists the tenant's collections in the order of their ids. */
  list(tenant: string, query: PageQuery): Promise<readonly Collection[]>;
  /** @throws Failure COLLECTION_NOT_FOUND */
  update(key: CollectionKey, changes: CollectionChanges, caller: Caller): Promise<Collection>;
  /** Deletes the collection and everything in it. @throws Failure COLLECTION_NOT_FOUND */
  delete(key: CollectionKey, caller: Caller): Promise<DeletionReceipt>;
}
