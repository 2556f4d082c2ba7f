import type { GalleryCandidate, GalleryQuery, GalleryResult, GallerySearch } from './gallery-search.js';
import { facesNotReembedded } from '../faces-not-reembedded.js';
import { Failure } from '../../../core/failure.js';
import { type CollectionKey, collectionName } from '../../platform/resource-names.js';
import { cosineSimilarity } from '../../../core/verification/similarity.js';
import type { Database } from '../../platform/database/database.js';
import { findCollection } from '../faces/lookups.js';
import { PostgresGallerySource } from './postgres-gallery-source.js';
import { readVector, sentVector, wholeIndexOf } from '../../platform/database/vector-index.js';
import { type NearestRow, nearestStatement } from './nearest-statement.js';

const minimumRows = 100;
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
    const { uid, faceCount, subjectCount, revision } = await findCollection(this.database, query.collection);
    const templates = { collectionUid: uid, modelVersion: query.modelVersion };
    if (faceCount === 0) return { candidates: [], faceCount, damagedFaceCount: 0, revision };
    const setting = await wholeIndexOf(this.database, templates);
    if (setting === undefined) {
      const missing = await this.source.facesToEmbed(uid, query.modelVersion);
      throw missing > 0 ? facesNotReembedded(query.modelVersion, missing) : indexNotReady(query.collection);
    }
    const parameters = [sentVector(query.probe), query.exceptSubjectId ?? null, uid];
    const ask = async (rowCount: number): Promise<readonly NearestRow[]> => {
      const question = {
        dimension: query.probe.length,
        maximumCandidates: query.maximumCandidates,
        rowCount,
      };
      return this.database.rows<NearestRow>(nearestStatement(templates, setting, question), parameters);
    };
    const rowCount = firstRowCount(query.maximumCandidates, faceCount / Math.max(subjectCount, 1));
    let rows = await ask(rowCount);
    // A few subjects may have so many of the nearest faces that others are beyond them.
    if (rows.length < query.maximumCandidates && rowCount < Math.min(faceCount, maximumRows))
      rows = await ask(maximumRows);
    const candidates = rows
      .map(({ faceId, subjectId, embedding }): GalleryCandidate => {
        return { subjectId, faceId, similarity: cosineSimilarity(query.probe, readVector(embedding)) };
      })
      .sort((a, b) => b.similarity - a.similarity);
    // The index keeps its templates as they are.
    return { candidates, faceCount, damagedFaceCount: 0, revision };
  }
}

/** Of each subject that is asked for as many faces as subjects have on average, and one more. */
function firstRowCount(maximumCandidates: number, facesOfASubject: number): number {
  const wanted = maximumCandidates * (1 + Math.ceil(facesOfASubject));
  return Math.min(Math.max(wanted, minimumRows), maximumRows);
}

function indexNotReady(key: CollectionKey): Failure {
  const collection = collectionName(key);
  return new Failure(
    'COLLECTION_NOT_SEARCHABLE',
    `The index of ${collection} is not ready: a job makes it ("symface jobs list"). Search it exactly until then.`,
    { collection },
  );
}
