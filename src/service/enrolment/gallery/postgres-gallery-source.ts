import type { CollectionState, GallerySource, SealedTemplate, TemplateCursor } from './gallery-source.js';
import type { CollectionKey } from '../../platform/resource-names.js';
import type { Sql } from '../../platform/database/database.js';
import { collectionNotFound } from '../faces/lookups.js';

export class PostgresGallerySource implements GallerySource {
  constructor(private readonly sql: Sql) {}

  async state(key: CollectionKey): Promise<CollectionState> {
    const [row] = await this.sql.rows<{ uid: string; revision: string; face_count: string }>(
      'SELECT uid, revision, face_count FROM collections WHERE tenant = $1 AND id = $2',
      [key.tenant, key.collectionId],
    );
    if (row === undefined) throw collectionNotFound(key);
    return { uid: row.uid, revision: row.revision, faceCount: Number(row.face_count) };
  }

  async templates(
    uid: string,
    modelVersion: string,
    after: TemplateCursor,
    upToRevision: string,
    limit: number,
  ): Promise<readonly SealedTemplate[]> {
    const rows = await this.sql.rows<{
      face_id: string;
      subject_id: string;
      revision: string;
      sealed: Buffer;
    }>(
      `SELECT t.face_id, s.id AS subject_id, t.revision, t.sealed
       FROM templates t JOIN faces f ON f.id = t.face_id JOIN subjects s ON s.uid = f.subject_uid
       WHERE t.collection_uid = $1 AND t.model_version = $2 AND (t.revision, t.face_id) > ($3::bigint, $4::uuid)
         AND t.revision <= $5 ORDER BY t.revision, t.face_id LIMIT $6`,
      [uid, modelVersion, after.revision, after.faceId, upToRevision, limit],
    );
    return rows.map(({ face_id: faceId, subject_id: subjectId, revision, sealed }) => ({
      faceId,
      subjectId,
      revision,
      sealed,
    }));
  }

  async deletedFaceIds(uid: string, afterRevision: string, upToRevision: string): Promise<readonly string[]> {
    const rows = await this.sql.rows<{ face_id: string }>(
      'SELECT face_id FROM deleted_faces WHERE collection_uid = $1 AND revision > $2 AND revision <= $3',
      [uid, afterRevision, upToRevision],
    );
    return rows.map(({ face_id: faceId }) => faceId);
  }
}
