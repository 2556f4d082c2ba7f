import type { QualityGate } from '../quality-gate.js';
import { MoreThan } from 'typeorm';
import type { PageQuery } from '../../platform/page.js';
import type { Caller } from '../../access/caller.js';
import type { Collection, DeletionReceipt } from '../collection.js';
import { type CollectionKey, collectionName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database } from '../../platform/database/database.js';
import { countFaces, receiptFor } from '../faces/deletions.js';
import { findCollection } from '../faces/lookups.js';
import { collections } from '../enrolment-tables.js';
import { dropIndexes, requireVectorIndex } from '../../platform/database/vector-index.js';

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

/** Collections of subjects. Durable; changes and deletions are recorded in the audit log in the same transaction. */
export class CollectionStore {
  constructor(private readonly database: Database) {}

  /** @throws Failure COLLECTION_ALREADY_EXISTS; SEARCH_UNAVAILABLE for a searchable one where there is no index */
  async create(key: CollectionKey, collection: NewCollection, { actor }: Caller): Promise<Collection> {
    const target = collectionName(key);
    const { tenant, collectionId: id } = key;
    if (collection.searchable) await requireVectorIndex(this.database);
    return this.database.transaction(async (sql) => {
      const created = await sql.createUnlessThere(collections, { tenant, id, ...collection });
      if (created === undefined) {
        const message = `${target} is there already. Choose another collection_id, or update it.`;
        throw new Failure('COLLECTION_ALREADY_EXISTS', message, { name: target });
      }
      const details = { ...recorded(collection), searchable: String(collection.searchable) };
      await recordAuditEvent(sql, { actor, tenant, action: 'collection.create', target, details });
      return created;
    });
  }

  /** @throws Failure COLLECTION_NOT_FOUND */
  async get(key: CollectionKey): Promise<Collection> {
    return findCollection(this.database, key);
  }

  /** Lists the collections of a tenant by their ids. */
  async list(tenant: string, { limit, after }: PageQuery): Promise<readonly Collection[]> {
    return this.database.find(collections, {
      where: { tenant, ...(after !== undefined && { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** The faces of the largest collection, of all tenants, that exact search alone can find in. */
  async largestWithoutIndex(): Promise<number> {
    const [row] = await this.database.rows<{ readonly count: number }>(
      'SELECT coalesce(max(face_count), 0)::int AS count FROM collections WHERE NOT searchable',
    );
    return row?.count ?? 0;
  }

  /** @throws Failure COLLECTION_NOT_FOUND */
  async update(key: CollectionKey, changes: CollectionChanges, { actor }: Caller): Promise<Collection> {
    return this.database.transaction(async (sql) => {
      const { uid } = await findCollection(sql, key);
      if (Object.keys(changes).length > 0) await sql.update(collections, { uid }, changes);
      const details = recorded(changes);
      if (Object.keys(details).length > 0) {
        const [target, { tenant }] = [collectionName(key), key];
        await recordAuditEvent(sql, { actor, tenant, action: 'collection.update', target, details });
      }
      return findCollection(sql, key);
    });
  }

  /** Deletes everything in it too. @throws Failure COLLECTION_NOT_FOUND */
  async delete(key: CollectionKey, caller: Caller): Promise<DeletionReceipt> {
    return this.database.transaction(async (sql) => {
      // Enrolments hold the same row: none can add a face that the counts do not have.
      const { uid, searchable, subjectCount } = await findCollection(sql, key, 'held');
      const counts = await countFaces(sql, 'collection_uid', uid);
      await sql.delete(collections, { uid });
      if (searchable) await dropIndexes(sql, uid);
      return receiptFor(sql, 'collection.delete', collectionName(key), subjectCount, counts, caller);
    });
  }
}

/** What of a collection's settings the audit log has: no names that people chose. */
function recorded({
  qualityGate,
  defaultConsentToTrain,
}: CollectionChanges): Readonly<Record<string, string>> {
  return {
    ...(qualityGate !== undefined && { quality_gate: JSON.stringify(qualityGate) }),
    ...(defaultConsentToTrain !== undefined && { default_consent_to_train: String(defaultConsentToTrain) }),
  };
}
