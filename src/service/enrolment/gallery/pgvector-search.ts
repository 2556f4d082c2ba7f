import type { GalleryCandidate, GalleryQuery, GalleryResult, GallerySearch } from './gallery-search.js';
import { facesNotReembedded } from '../faces-not-reembedded.js';
import { Failure } from '../../../core/failure.js';
import { type CollectionKey, collectionName } from '../../platform/resource-names.js';
import { cosineSimilarity } from '../../../core/verification/similarity.js';
import type { Database } from '../../platform/database/database.js';
import { PostgresGallerySource } from './postgres-gallery-source.js';
import {
  hasIndexOf,
  indexCondition,
  indexTable,
  readVector,
  vectorText,
} from '../../platform/database/vector-index.js';

/** How many rows are read for each subject that is asked for, since subjects have several faces. */
const rowsPerCandidate = 10;
const minimumRows = 100;
/** How many rows the index looks at: of the ten nearest among a million faces it finds 0.988 by 200 and 0.994 by 300. */
const minimumEffort = 300;
/** pgvector's limit on `hnsw.ef_search`. */
const maximumRows = 1000;

/** Approximate search by pgvector's HNSW. Similarities are computed anew, so they are those of exact search. */
export class PgvectorSearch implements GallerySearch {
  private readonly source: PostgresGallerySource;

  constructor(private readonly database: Database) {
    this.source = new PostgresGallerySource(database);
  }

  async search(query: GalleryQuery, signal: AbortSignal): Promise<GalleryResult> {
    signal.throwIfAborted();
    const { uid, faceCount, revision } = await this.source.state(query.collection);
    const templates = { collectionUid: uid, modelVersion: query.modelVersion };
    if (faceCount === 0) return { candidates: [], faceCount, damagedFaceCount: 0, revision };
    if (!(await hasIndexOf(this.database, templates))) {
      const missing = await this.source.facesToEmbed(uid, query.modelVersion);
      throw missing > 0 ? facesNotReembedded(query.modelVersion, missing) : indexNotReady(query.collection);
    }
    const limit = Math.min(Math.max(query.maximumCandidates * rowsPerCandidate, minimumRows), maximumRows);
    const dimension = query.probe.length;
    const rows = await this.database.transaction(async (sql) => {
      await sql.rows(`SET LOCAL hnsw.ef_search = ${Math.max(limit, minimumEffort)}`);
      // Embeddings lie outside their rows, and are read of those alone that are answered.
      return sql.rows<{ face_id: string; subject_id: string; embedding: Buffer }>(
        `SELECT best.face_id, best.subject_id, vector_send(t.embedding) AS embedding
         FROM (
           SELECT DISTINCT ON (s.uid) n.face_id, s.id AS subject_id, n.place
           FROM (
             SELECT face_id, row_number() OVER () AS place FROM (
               SELECT face_id FROM ${indexTable} WHERE ${indexCondition(templates)}
               ORDER BY embedding::vector(${dimension}) <=> $1::vector(${dimension}) LIMIT ${limit}
             ) nearest
           ) n JOIN faces f ON f.id = n.face_id JOIN subjects s ON s.uid = f.subject_uid
           WHERE s.id IS DISTINCT FROM $2
           ORDER BY s.uid, n.place
         ) best JOIN ${indexTable} t ON t.face_id = best.face_id AND t.model_version = $3
         ORDER BY best.place LIMIT ${query.maximumCandidates}`,
        [vectorText(query.probe), query.exceptSubjectId ?? null, query.modelVersion],
      );
    });
    const candidates = rows
      .map(({ face_id: faceId, subject_id: subjectId, embedding }): GalleryCandidate => {
        return { subjectId, faceId, similarity: cosineSimilarity(query.probe, readVector(embedding)) };
      })
      .sort((a, b) => b.similarity - a.similarity);
    // The index keeps its templates as they are.
    return { candidates, faceCount, damagedFaceCount: 0, revision };
  }
}

function indexNotReady(key: CollectionKey): Failure {
  const collection = collectionName(key);
  return new Failure(
    'COLLECTION_NOT_SEARCHABLE',
    `The index of ${collection} is not ready: a job makes it ("symface jobs list"). Search it exactly until then.`,
    { collection },
  );
}
