import type { RetrainingPolicy } from './retraining-policy.js';
import type { TrainableFace } from '../../../training/enrolled-faces/trainable-face.js';
import type { TrainingDataCounts } from './training-data-counts.js';
import type { RowOf } from '../../platform/database/table.js';
import type { TrainableIdentity } from './held-out-share.js';
import type { Sql } from '../../platform/database/database.js';
import { faces } from '../../enrolment/enrolment-tables.js';

const trainable = faces.only('id', 'subjectUid', 'collectionUid', 'rho', 'cropLandmarks', 'sealedCrop');

/** Crops have some 20 KB. */
const facesAtATime = 200;
const idsAtATime = 10_000;

/** The enrolled faces of all tenants that may be trained on; those that were enrolled by an embedding cannot be. Every method may throw Failure DATABASE_UNAVAILABLE. */
export class TrainableFaceStore {
  constructor(private readonly sql: Sql) {}

  async count({
    minimumFacesPerIdentity,
    tau,
  }: Pick<RetrainingPolicy, 'minimumFacesPerIdentity' | 'tau'>): Promise<TrainingDataCounts> {
    const [row] = await this.sql.rows<TrainingDataCounts>(
      `WITH enrolled AS (
         SELECT s.consent_to_train AS consents, count(*) AS faces, count(*) FILTER (WHERE f.rho > $2) AS frontal
         FROM faces f JOIN subjects s ON s.uid = f.subject_uid WHERE f.sealed_crop IS NOT NULL
         GROUP BY s.uid, s.consent_to_train)
       SELECT count(*)::int AS "enrolledIdentities", coalesce(sum(faces), 0)::int AS "enrolledFaces",
         (count(*) FILTER (WHERE consents))::int AS "consentingIdentities",
         coalesce(sum(faces) FILTER (WHERE consents), 0)::int AS "consentingFaces",
         (count(*) FILTER (WHERE consents AND faces >= $1))::int AS identities,
         coalesce(sum(faces) FILTER (WHERE consents AND faces >= $1), 0)::int AS faces,
         coalesce(sum(frontal) FILTER (WHERE consents AND faces >= $1), 0)::int AS "frontalFaces"
       FROM enrolled`,
      [minimumFacesPerIdentity, tau],
    );
    if (row === undefined) throw new Error('an aggregate gave no row');
    return row;
  }

  /** The identities of whom {@link read} reads faces. */
  async identities(minimumFacesPerIdentity: number): Promise<readonly TrainableIdentity[]> {
    return this.sql.rows<TrainableIdentity>(
      `SELECT f.subject_uid AS identity, f.collection_uid AS collection, count(*)::int AS "faceCount"
       FROM faces f JOIN subjects s ON s.uid = f.subject_uid
       WHERE s.consent_to_train AND f.sealed_crop IS NOT NULL
       GROUP BY f.subject_uid, f.collection_uid HAVING count(*) >= $1 ORDER BY f.subject_uid`,
      [minimumFacesPerIdentity],
    );
  }

  /**
   * Reads the faces of subjects with enough of them, one subject after the other; they are never all in memory.
   */
  async *read(minimumFacesPerIdentity: number): AsyncGenerator<TrainableFace> {
    let after: RowOf<typeof trainable> | undefined;
    for (;;) {
      const rows = await this.sql.rowsOf(
        trainable,
        `SELECT ${trainable.sql('f')}
         FROM faces f JOIN subjects s ON s.uid = f.subject_uid
         WHERE s.consent_to_train AND f.sealed_crop IS NOT NULL
           AND ($2::bigint IS NULL OR (f.subject_uid, f.id) > ($2::bigint, $3::uuid))
           AND (SELECT count(*) FROM faces g WHERE g.subject_uid = f.subject_uid AND g.sealed_crop IS NOT NULL) >= $1
         ORDER BY f.subject_uid, f.id LIMIT $4`,
        [minimumFacesPerIdentity, after?.subjectUid ?? null, after?.id ?? null, facesAtATime],
      );
      for (const row of rows) yield toTrainableFace(row);
      after = rows.at(-1);
      if (rows.length < facesAtATime) return;
    }
  }

  /** Counts how many of these faces are enrolled still and may still be trained on. */
  async countTrainable(faceIds: readonly string[]): Promise<number> {
    let count = 0;
    for (let start = 0; start < faceIds.length; start += idsAtATime) {
      const [row] = await this.sql.rows<{ readonly count: number }>(
        `SELECT count(*)::int AS count FROM faces f JOIN subjects s ON s.uid = f.subject_uid
         WHERE f.id = ANY ($1::uuid[]) AND s.consent_to_train`,
        [faceIds.slice(start, start + idsAtATime)],
      );
      count += row?.count ?? 0;
    }
    return count;
  }
}

function toTrainableFace(row: RowOf<typeof trainable>): TrainableFace {
  const {
    id: faceId,
    subjectUid: identity,
    collectionUid: collection,
    rho,
    cropLandmarks: landmarks,
    sealedCrop,
  } = row;
  if (rho === undefined || landmarks === undefined || sealedCrop === undefined)
    throw new Error(`the face ${faceId} was read for training without a crop`);
  return { faceId, identity, collection, rho, landmarks, sealedCrop };
}
