import type { HnswSetting } from '../../platform/database/hnsw-setting.js';
import { indexCondition, type IndexedTemplates, indexTable } from '../../platform/database/vector-index.js';

/** A subject by its nearest face. */
export interface NearestRow {
  readonly faceId: string;
  readonly subjectId: string;
  /** As vector_send sends it. */
  readonly embedding: Buffer;
}

export interface NearestQuestion {
  /** Of the probe. */
  readonly dimension: number;
  readonly maximumCandidates: number;
  /** The nearest faces that the index is asked for, of which the subjects are made. */
  readonly rowCount: number;
}

/**
 * SQL that finds the nearest subjects. It is one statement, and so a transaction by itself, which the setting of `hnsw.ef_search` ends with:
 * a condition without columns is decided before the first row is read, and that the index begins with. Its rows are ordered
 * anew by the templates as they are, since the index may keep them rounded. Parameters: the probe as `sentVector` makes it, the id of the subject
 * that is passed over or null, the collection's uid.
 */
export function nearestStatement(
  templates: IndexedTemplates,
  { type, minimumEffort }: HnswSetting,
  { dimension, maximumCandidates, rowCount }: NearestQuestion,
): string {
  const effort = Math.max(rowCount, minimumEffort);
  const indexed = `${type}(${dimension})`;
  return `SELECT best.face_id AS "faceId", s.id AS "subjectId", vector_send(best.embedding) AS embedding
    FROM (
      SELECT * FROM (
        SELECT DISTINCT ON (f.subject_uid) f.subject_uid, n.* FROM (
          SELECT face_id, embedding, embedding <=> $1::vector AS distance FROM ${indexTable}
          WHERE ${indexCondition(templates)} AND (SELECT set_config('hnsw.ef_search', '${effort}', true)) IS NOT NULL
          ORDER BY embedding::${indexed} <=> $1::vector::${indexed} LIMIT ${rowCount}
        ) n JOIN faces f ON f.id = n.face_id
        WHERE f.subject_uid IS DISTINCT FROM (SELECT uid FROM subjects WHERE collection_uid = $3 AND id = $2)
        ORDER BY f.subject_uid, n.distance
      ) nearest ORDER BY distance LIMIT ${maximumCandidates}
    ) best JOIN subjects s ON s.uid = best.subject_uid`;
}
