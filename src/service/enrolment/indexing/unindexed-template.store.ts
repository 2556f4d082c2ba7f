import type { Sql } from '../../platform/database/database.js';
import { type IndexedTemplates, indexTable } from '../../platform/database/vector-index.js';
import type { SealedTemplate, TemplateCursor } from '../gallery/gallery-source.js';

type UnindexedTemplate = Pick<SealedTemplate, 'faceId' | 'revision' | 'sealed'>;

const isUnindexed = `NOT EXISTS (SELECT 1 FROM ${indexTable} i
  WHERE i.face_id = t.face_id AND i.model_version = t.model_version)`;

/** The templates of a collection that its index has not yet. */
export class UnindexedTemplateStore {
  readonly beginning: TemplateCursor = { revision: '0', faceId: '00000000-0000-0000-0000-000000000000' };

  constructor(private readonly sql: Sql) {}

  /** The same store, as a part of a transaction. */
  within(sql: Sql): UnindexedTemplateStore {
    return new UnindexedTemplateStore(sql);
  }

  /** The model versions under which the collection has templates. */
  async modelVersions(collectionUid: string): Promise<readonly string[]> {
    const rows = await this.sql.rows<{ readonly version: string }>(
      'SELECT DISTINCT model_version AS version FROM templates WHERE collection_uid = $1 ORDER BY 1',
      [collectionUid],
    );
    return rows.map(({ version }) => version);
  }

  async count(templates: IndexedTemplates): Promise<number> {
    return this.countWhere(templates, isUnindexed);
  }

  /** Those that the index has, too. */
  async countAll(templates: IndexedTemplates): Promise<number> {
    return this.countWhere(templates, 'true');
  }

  /**
   * Reads templates after the cursor, in order, at most `limit`. Until the transaction ends nobody enrols into the collection, deletes
   * from it or removes one of these templates: whoever does waits, and finds then what was written of them.
   */
  async after(
    { collectionUid, modelVersion }: IndexedTemplates,
    { revision, faceId }: TemplateCursor,
    limit: number,
  ): Promise<readonly UnindexedTemplate[]> {
    await this.sql.rows('SELECT 1 FROM collections WHERE uid = $1 FOR UPDATE', [collectionUid]);
    return this.sql.rows<UnindexedTemplate>(
      `SELECT t.face_id AS "faceId", t.revision, t.sealed FROM templates t
       WHERE t.collection_uid = $1 AND t.model_version = $2 AND (t.revision, t.face_id) > ($3::bigint, $4::uuid)
         AND ${isUnindexed} ORDER BY t.revision, t.face_id LIMIT $5 FOR SHARE OF t`,
      [collectionUid, modelVersion, revision, faceId, limit],
    );
  }

  /** How many numbers the templates have that the index has; undefined where it has none. */
  async indexedDimension({ collectionUid, modelVersion }: IndexedTemplates): Promise<number | undefined> {
    const [row] = await this.sql.rows<{ readonly dimension: number }>(
      `SELECT vector_dims(embedding) AS dimension FROM ${indexTable} WHERE collection_uid = $1 AND model_version = $2 LIMIT 1`,
      [collectionUid, modelVersion],
    );
    return row?.dimension;
  }

  private async countWhere(
    { collectionUid, modelVersion }: IndexedTemplates,
    condition: string,
  ): Promise<number> {
    const [row] = await this.sql.rows<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM templates t
       WHERE t.collection_uid = $1 AND t.model_version = $2 AND ${condition}`,
      [collectionUid, modelVersion],
    );
    return row?.count ?? 0;
  }
}
