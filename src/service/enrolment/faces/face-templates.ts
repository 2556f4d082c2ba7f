import type { FaceTemplate } from './enrolled-face-store.js';
import type { FaceToEmbed } from './template-store.js';
import type { Landmarks } from '../../../core/faces/landmarks.js';
import { openCrop, sealTemplate } from '../../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { Sql } from '../../platform/database/database.js';
import { addToIndex } from '../../platform/database/vector-index.js';

const firstId = '00000000-0000-0000-0000-000000000000';

export async function countFacesWithout(sql: Sql, modelVersion: string): Promise<number> {
  const [row] = await sql.rows<{ count: string }>(
    `SELECT count(*) AS count FROM faces f
     WHERE NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)`,
    [modelVersion],
  );
  return Number(row?.count ?? 0);
}

export async function selectFacesWithout(
  sql: Sql,
  box: SecretBox,
  modelVersion: string,
  afterFaceId: string | undefined,
  limit: number,
): Promise<readonly FaceToEmbed[]> {
  const rows = await sql.rows<FaceToEmbedRow>(
    `SELECT ${faceToEmbedColumns} FROM faces f
     WHERE f.id > $2::uuid
       AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.face_id = f.id AND t.model_version = $1)
     ORDER BY f.id LIMIT $3`,
    [modelVersion, afterFaceId ?? firstId, limit],
  );
  return rows.map((row) => toFaceToEmbed(box, row));
}

/** Of `faces f`. */
export const faceToEmbedColumns = 'f.id, f.sealed_crop, f.crop_width, f.crop_height, f.crop_landmarks';

export interface FaceToEmbedRow {
  readonly id: string;
  readonly sealed_crop: Buffer;
  readonly crop_width: number;
  readonly crop_height: number;
  readonly crop_landmarks: Landmarks;
}

export function toFaceToEmbed(box: SecretBox, row: FaceToEmbedRow): FaceToEmbed {
  const { id, sealed_crop: sealed, crop_width: width, crop_height: height, crop_landmarks: landmarks } = row;
  const encoded = openUnlessDamaged(box, id, sealed);
  return { faceId: id, crop: encoded && { encoded, width, height, landmarks } };
}

/** One damaged crop is named and dealt with; it does not hide the others. */
function openUnlessDamaged(box: SecretBox, faceId: string, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return openCrop(box, faceId, sealed);
  } catch {
    return undefined;
  }
}

interface PlacedFace {
  readonly id: string;
  readonly collection_uid: string;
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
  await sql.rows('INSERT INTO model_versions (id) VALUES ($1) ON CONFLICT DO NOTHING', [modelVersion]);
  const byId = new Map(templates.map((template) => [template.faceId, template.embedding]));
  const placed = await sql.rows<PlacedFace>(
    'SELECT id, collection_uid FROM faces WHERE id = ANY ($1::uuid[]) ORDER BY collection_uid',
    [[...byId.keys()]],
  );
  // In one order, as deletions and enrolments hold one collection at a time: nobody waits in a circle.
  const collectionUids = [...new Set(placed.map((face) => face.collection_uid))];
  let added = 0;
  for (const collectionUid of collectionUids) {
    const [collection] = await sql.rows<{ revision: string; searchable: boolean }>(
      'UPDATE collections SET revision = revision + 1 WHERE uid = $1 RETURNING revision, searchable',
      [collectionUid],
    );
    if (collection === undefined) continue;
    for (const { id } of placed.filter((face) => face.collection_uid === collectionUid)) {
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
