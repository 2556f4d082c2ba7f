import type { HnswSetting } from '../../platform/database/hnsw-setting.js';
import { indexCondition, type IndexedTemplates, indexTable } from '../../platform/database/vector-index.js';

/** How many rows are read for each subject that is asked for, since subjects have several faces. */
const rowsPerCandidate = 10;
const minimumRows = 100;
/** pgvector's limit on `hnsw.ef_search`. */
const maximumRows = 1000;

/** A subject by its nearest face. */
export interface NearestRow {
  readonly faceId: string;
  readonly subjectId: string;
  /** As vector_send sends it. */
  readonly embedding: Buffer;
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
  dimension: number,
  maximumCandidates: number,
): string {
  const limit = Math.min(Math.max(maximumCandidates * rowsPerCandidate, minimumRows), maximumRows);
  const effort = Math.max(limit, minimumEffort);
  const indexed = `${type}(${dimension})`;
  return `SELECT best.face_id AS "faceId", s.id AS "subjectId", vector_send(best.embedding) AS embedding
    FROM (
      SELECT * FROM (
        SELECT DISTINCT ON (f.subject_uid) f.subject_uid, n.* FROM (
          SELECT face_id, embedding, embedding <=> $1::vector AS distance FROM ${indexTable}
          WHERE ${indexCondition(templates)} AND (SELECT set_config('hnsw.ef_search', '${effort}', true)) IS NOT NULL
          ORDER BY embedding::${indexed} <=> $1::vector::${indexed} LIMIT ${limit}
        ) n JOIN faces f ON f.id = n.face_id
        WHERE f.subject_uid IS DISTINCT FROM (SELECT uid FROM subjects WHERE collection_uid = $3 AND id = $2)
        ORDER BY f.subject_uid, n.distance
      ) nearest ORDER BY distance LIMIT ${maximumCandidates}
    ) best JOIN subjects s ON s.uid = best.subject_uid`;
}
