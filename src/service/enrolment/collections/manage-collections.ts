import { type Caller, requireRole } from '../../access/caller.js';
import type { Collection, DeletionReceipt } from '../collection.js';
import { defaultQualityGate, type QualityGate, requireUsableGate } from '../quality-gate.js';
import { parseCollectionName, requireCollectionId } from '../../platform/resource-names.js';
import type { CollectionStore } from './collection.store.js';
import { idKey, type Page, type PageRequest, readPage } from '../../platform/page.js';

export interface CreateCollectionCommand {
  readonly collectionId: string;
  readonly displayName: string;
  /** {@link defaultQualityGate} where undefined. */
  readonly qualityGate: QualityGate | undefined;
  readonly searchable: boolean;
  readonly defaultConsentToTrain: boolean;
}

export interface UpdateCollectionCommand {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly qualityGate: QualityGate | undefined;
  readonly defaultConsentToTrain: boolean | undefined;
}

/** Manages the collections of the caller's tenant. */
export class ManageCollections {
  constructor(private readonly collections: CollectionStore) {}

  /**
   * @throws Failure PERMISSION_DENIED where a caller who is no administrator asks for an index; INVALID_ARGUMENT, COLLECTION_ALREADY_EXISTS,
   * SEARCH_UNAVAILABLE
   */
  async create(command: CreateCollectionCommand, caller: Caller): Promise<Collection> {
    const collectionId = requireCollectionId(command.collectionId, 'collection_id');
    const qualityGate = requireUsableGate(command.qualityGate ?? defaultQualityGate, 'quality_gate');
    const { displayName, searchable, defaultConsentToTrain } = command;
    // What a searchable collection keeps unencrypted is the administrator's to decide, as with IndexCollection.
    if (searchable) requireRole(caller, 'admin', 'A searchable collection needs', 'searchable');
    const key = { tenant: caller.tenant, collectionId };
    const collection = { displayName, qualityGate, searchable, defaultConsentToTrain };
    return this.collections.create(key, collection, caller);
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND */
  async get(name: string, caller: Caller): Promise<Collection> {
    return this.collections.get(parseCollectionName(name, caller.tenant, 'name'));
  }

  /** @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest, { tenant }: Caller): Promise<Page<Collection>> {
    return readPage(
      `collections of ${tenant}`,
      request,
      (query) => this.collections.list(tenant, query),
      ({ id }) => id,
      idKey,
    );
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND */
  async update(command: UpdateCollectionCommand, caller: Caller): Promise<Collection> {
    const key = parseCollectionName(command.name, caller.tenant, 'name');
    const { displayName, qualityGate, defaultConsentToTrain } = command;
    const changes = {
      ...(displayName !== undefined && { displayName }),
      ...(qualityGate !== undefined && { qualityGate: requireUsableGate(qualityGate, 'quality_gate') }),
      ...(defaultConsentToTrain !== undefined && { defaultConsentToTrain }),
    };
    return this.collections.update(key, changes, caller);
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND */
  async delete(name: string, caller: Caller): Promise<DeletionReceipt> {
    return this.collections.delete(parseCollectionName(name, caller.tenant, 'name'), caller);
  }
}
