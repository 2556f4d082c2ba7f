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
/** How many rows the index looks at: fewer than 0.98 of the ten nearest are found by 100 among 100,000 faces. */
const minimumEffort = 200;
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
      return sql.rows<{ face_id: string; subject_id: string; embedding: Buffer }>(
        `SELECT n.face_id, s.id AS subject_id, vector_send(n.embedding) AS embedding
         FROM (
           SELECT face_id, embedding FROM ${indexTable} WHERE ${indexCondition(templates)}
           ORDER BY embedding::vector(${dimension}) <=> $1::vector(${dimension}) LIMIT ${limit}
         ) n JOIN faces f ON f.id = n.face_id JOIN subjects s ON s.uid = f.subject_uid`,
        [vectorText(query.probe)],
      );
    });
    const best = new Map<string, GalleryCandidate>();
    for (const { face_id: faceId, subject_id: subjectId, embedding } of rows) {
      if (subjectId === query.exceptSubjectId) continue;
      const similarity = cosineSimilarity(query.probe, readVector(embedding));
      if (similarity > (best.get(subjectId)?.similarity ?? -2)) {
        best.set(subjectId, { subjectId, faceId, similarity });
      }
    }
    const candidates = [...best.values()].sort((a, b) => b.similarity - a.similarity);
    // The index keeps its templates as they are.
    return {
      candidates: candidates.slice(0, query.maximumCandidates),
      faceCount,
      damagedFaceCount: 0,
      revision,
    };
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
