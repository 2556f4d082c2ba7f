import type { CollectionState, GallerySource, SealedTemplate, TemplateCursor } from './gallery-source.js';
import type { CollectionKey } from '../../platform/resource-names.js';
import type { Sql } from '../../platform/database/database.js';
import { findCollection } from '../faces/lookups.js';

export class PostgresGallerySource implements GallerySource {
  constructor(private readonly sql: Sql) {}

  async state(key: CollectionKey): Promise<CollectionState> {
    const { uid, revision, faceCount } = await findCollection(this.sql, key);
    return { uid, revision, faceCount };
  }

  async templates(
    uid: string,
    modelVersion: string,
    after: TemplateCursor,
    upToRevision: string,
    limit: number,
  ): Promise<readonly SealedTemplate[]> {
    return this.sql.rows<SealedTemplate>(
      `SELECT t.face_id AS "faceId", s.id AS "subjectId", t.revision, t.sealed
       FROM templates t JOIN faces f ON f.id = t.face_id JOIN subjects s ON s.uid = f.subject_uid
       WHERE t.collection_uid = $1 AND t.model_version = $2 AND (t.revision, t.face_id) > ($3::bigint, $4::uuid)
         AND t.revision <= $5 ORDER BY t.revision, t.face_id LIMIT $6`,
      [uid, modelVersion, after.revision, after.faceId, upToRevision, limit],
    );
  }

  async facesToEmbed(uid: string, modelVersion: string): Promise<number> {
    const [row] = await this.sql.rows<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM faces f WHERE f.collection_uid = $1 AND f.sealed_crop IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $2)`,
      [uid, modelVersion],
    );
    return row?.count ?? 0;
  }

  async deletedFaceIds(uid: string, afterRevision: string, upToRevision: string): Promise<readonly string[]> {
    const rows = await this.sql.rows<{ face_id: string }>(
      'SELECT face_id FROM deleted_faces WHERE collection_uid = $1 AND revision > $2 AND revision <= $3',
      [uid, afterRevision, upToRevision],
    );
    return rows.map(({ face_id: faceId }) => faceId);
  }
}
