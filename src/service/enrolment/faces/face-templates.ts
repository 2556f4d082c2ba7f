import type { FaceTemplate } from './enrolled-face-store.js';
import type { FaceToEmbed } from './template-store.js';
import { sealTemplate } from '../../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { Sql } from '../../platform/database/database.js';
import { cropColumns, toFaceToEmbed } from './face-rows.js';
import { collections, faces } from '../enrolment-tables.js';
import { addToIndex } from '../../platform/database/vector-index.js';

const placedFace = faces.only('id', 'collectionUid');
const firstId = '00000000-0000-0000-0000-000000000000';

export async function countFacesWithout(sql: Sql, modelVersion: string): Promise<number> {
  const [row] = await sql.rows<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM faces f
     WHERE NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)`,
    [modelVersion],
  );
  return row?.count ?? 0;
}

export async function selectFacesWithout(
  sql: Sql,
  box: SecretBox,
  modelVersion: string,
  afterFaceId: string | undefined,
  limit: number,
): Promise<readonly FaceToEmbed[]> {
  const rows = await sql.rowsOf(
    cropColumns,
    `SELECT ${cropColumns.sql('f')} FROM faces f
     WHERE f.id > $2::uuid
       AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)
     ORDER BY f.id LIMIT $3`,
    [modelVersion, afterFaceId ?? firstId, limit],
  );
  return rows.map((row) => toFaceToEmbed(box, row));
}

/**
 * Adds templates under a version within a transaction. Their collections move on by one revision each, so that copies in
 * memory read them; faces that are gone, or have a template, are left out.
 * @returns how many were added
 */
export async function insertTemplates(
  sql: Sql,
  box: SecretBox,
  modelVersion: string,
  templates: readonly FaceTemplate[],
): Promise<number> {
  if (templates.length === 0) return 0;
  const byId = new Map(templates.map((template) => [template.faceId, template.embedding]));
  const placed = await sql.rowsOf(
    placedFace,
    `SELECT ${placedFace.sql()} FROM faces WHERE id = ANY ($1::uuid[]) ORDER BY collection_uid`,
    [[...byId.keys()]],
  );
  // In one order, as deletions and enrolments hold one collection at a time: nobody waits in a circle.
  const collectionUids = [...new Set(placed.map((face) => face.collectionUid))];
  let added = 0;
  for (const collectionUid of collectionUids) {
    const next = { revision: () => 'revision + 1' };
    const [collection] = await sql.update(collections, { uid: collectionUid }, next);
    if (collection === undefined) continue;
    for (const { id } of placed.filter((face) => face.collectionUid === collectionUid)) {
      const embedding = byId.get(id);
      if (embedding === undefined) continue;
      // Deletions hold the collection's row as well, so a face that is there now stays until the end of this.
      const inserted = await sql.rows(
        `INSERT INTO templates (face_id, model_version, collection_uid, revision, sealed)
         SELECT id, $2, collection_uid, $3, $4 FROM faces WHERE id = $1 ON CONFLICT DO NOTHING RETURNING face_id`,
        [id, modelVersion, collection.revision, Buffer.from(sealTemplate(box, id, modelVersion, embedding))],
      );
      if (inserted.length === 0) continue;
      added++;
      if (collection.searchable) await addToIndex(sql, { collectionUid, modelVersion }, id, embedding);
    }
  }
  return added;
}
