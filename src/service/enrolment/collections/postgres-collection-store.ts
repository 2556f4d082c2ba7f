import type { CollectionChanges, CollectionStore, NewCollection } from './collection-store.js';
import type { PageQuery } from '../../platform/page.js';
import type { Caller } from '../../access/caller.js';
import type { Collection, DeletionReceipt } from '../collection.js';
import type { QualityGate } from '../quality-gate.js';
import { type CollectionKey, collectionName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import type { Database } from '../../platform/database/database.js';
import { countFaces, receiptFor } from '../faces/deletions.js';
import { collectionNotFound } from '../faces/lookups.js';
import { dropIndexes, requireVectorIndex } from '../../platform/database/vector-index.js';

interface CollectionRow {
  readonly id: string;
  readonly display_name: string;
  readonly quality_gate: QualityGate;
  readonly searchable: boolean;
  readonly default_consent_to_train: boolean;
  readonly subject_count: string;
  readonly face_count: string;
  readonly create_time: Date;
}

const columns =
  'id, display_name, quality_gate, searchable, default_consent_to_train, subject_count, face_count, create_time';

export class PostgresCollectionStore implements CollectionStore {
  constructor(private readonly database: Database) {}

  async create(key: CollectionKey, collection: NewCollection, { actor }: Caller): Promise<Collection> {
    const target = collectionName(key);
    const { displayName, qualityGate, searchable, defaultConsentToTrain } = collection;
    if (searchable) await requireVectorIndex(this.database);
    return this.database.transaction(async (sql) => {
      const [row] = await sql.rows<CollectionRow>(
        `INSERT INTO collections (tenant, id, display_name, quality_gate, searchable, default_consent_to_train)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, id) DO NOTHING RETURNING ${columns}`,
        [key.tenant, key.collectionId, displayName, qualityGate, searchable, defaultConsentToTrain],
      );
      if (row === undefined) {
        const message = `${target} is there already. Choose another collection_id, or update it.`;
        throw new Failure('COLLECTION_ALREADY_EXISTS', message, { name: target });
      }
      const details = {
        quality_gate: JSON.stringify(qualityGate),
        searchable: String(searchable),
        default_consent_to_train: String(defaultConsentToTrain),
      };
      const { tenant } = key;
      await recordAuditEvent(sql, { actor, tenant, action: 'collection.create', target, details });
      return toCollection(row);
    });
  }

  async get(key: CollectionKey): Promise<Collection> {
    const [row] = await this.database.rows<CollectionRow>(
      `SELECT ${columns} FROM collections WHERE tenant = $1 AND id = $2`,
      [key.tenant, key.collectionId],
    );
    if (row === undefined) throw collectionNotFound(key);
    return toCollection(row);
  }

  async list(tenant: string, { limit, after }: PageQuery): Promise<readonly Collection[]> {
    const rows = await this.database.rows<CollectionRow>(
      `SELECT ${columns} FROM collections WHERE tenant = $1 AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [tenant, after ?? null, limit],
    );
    return rows.map(toCollection);
  }

  async update(
    key: CollectionKey,
    { displayName, qualityGate, defaultConsentToTrain }: CollectionChanges,
    { actor }: Caller,
  ): Promise<Collection> {
    return this.database.transaction(async (sql) => {
      const [row] = await sql.rows<CollectionRow>(
        `UPDATE collections SET display_name = coalesce($3, display_name), quality_gate = coalesce($4, quality_gate),
           default_consent_to_train = coalesce($5, default_consent_to_train)
         WHERE tenant = $1 AND id = $2 RETURNING ${columns}`,
        [
          key.tenant,
          key.collectionId,
          displayName ?? null,
          qualityGate ?? null,
          defaultConsentToTrain ?? null,
        ],
      );
      if (row === undefined) throw collectionNotFound(key);
      const details = {
        ...(qualityGate !== undefined && { quality_gate: JSON.stringify(qualityGate) }),
        ...(defaultConsentToTrain !== undefined && {
          default_consent_to_train: String(defaultConsentToTrain),
        }),
      };
      if (Object.keys(details).length > 0) {
        const [target, { tenant }] = [collectionName(key), key];
        await recordAuditEvent(sql, { actor, tenant, action: 'collection.update', target, details });
      }
      return toCollection(row);
    });
  }

  async delete(key: CollectionKey, caller: Caller): Promise<DeletionReceipt> {
    return this.database.transaction(async (sql) => {
      // Enrolments hold the same row: none can add a face that the counts do not have.
      const [row] = await sql.rows<{ uid: string; subject_count: string; searchable: boolean }>(
        'SELECT uid, subject_count, searchable FROM collections WHERE tenant = $1 AND id = $2 FOR UPDATE',
        [key.tenant, key.collectionId],
      );
      if (row === undefined) throw collectionNotFound(key);
      const counts = await countFaces(sql, 'collection_uid', row.uid);
      await sql.rows('DELETE FROM collections WHERE uid = $1', [row.uid]);
      if (row.searchable) await dropIndexes(sql, row.uid);
      const subjectCount = Number(row.subject_count);
      return receiptFor(sql, 'collection.delete', collectionName(key), subjectCount, counts, caller);
    });
  }
}

function toCollection(row: CollectionRow): Collection {
  return {
    id: row.id,
    displayName: row.display_name,
    qualityGate: row.quality_gate,
    searchable: row.searchable,
    defaultConsentToTrain: row.default_consent_to_train,
    createTime: row.create_time,
    subjectCount: Number(row.subject_count),
    faceCount: Number(row.face_count),
  };
}
