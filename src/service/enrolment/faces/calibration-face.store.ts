import type { MeasuredFace } from '../../../core/faces/face-record.js';
import type { SubjectFace } from '../../../core/protocols/calibration/subject-calibration.js';
import { openTemplateIfWhole } from './damaged-templates.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { Database } from '../../platform/database/database.js';
import { type CollectionKey } from '../../platform/resource-names.js';
import { findCollection } from './lookups.js';

interface FaceRow {
  readonly id: string;
  readonly subject: string;
  readonly collection: string;
  /** Null of a face that was enrolled as an embedding. */
  readonly quality: Partial<MeasuredFace['quality']> | null;
  readonly sealed: Uint8Array;
}

/** Enrolled faces to calibrate a model version by. Every method may throw Failure DATABASE_UNAVAILABLE. */
export class CalibrationFaceStore {
  constructor(
    private readonly database: Database,
    private readonly keys: DataKeys,
  ) {}

  /**
   * Reads the templates under a model version, and how the faces look; of more faces than `most` the same ones each time, of all
   * subjects alike.
   * @param collection of all tenants' collections where undefined
   * @returns also how many faces were passed over since it was not measured how they look
   * @throws Failure COLLECTION_NOT_FOUND
   */
  async faces(
    modelVersion: string,
    collection: CollectionKey | undefined,
    most: number,
  ): Promise<{ readonly faces: readonly SubjectFace[]; readonly unmeasuredCount: number }> {
    const uid = collection && (await findCollection(this.database, collection)).uid;
    const rows = await this.database.rows<FaceRow>(
      `SELECT f.id, f.subject_uid AS subject, f.collection_uid AS collection, f.quality, t.sealed
       FROM templates t JOIN faces f ON f.id = t.face_id
       WHERE t.model_version = $1 AND ($2::bigint IS NULL OR f.collection_uid = $2::bigint)
       ORDER BY md5(f.id::text) LIMIT $3`,
      [modelVersion, uid ?? null, most],
    );
    const box = await this.keys.toOpen(rows.map(({ sealed }) => sealed));
    const faces = rows.flatMap((row) => subjectFace(box, row, modelVersion));
    return { faces, unmeasuredCount: rows.length - faces.length };
  }
}

function subjectFace(
  box: SecretBox,
  { id, subject, collection, quality, sealed }: FaceRow,
  modelVersion: string,
): SubjectFace[] {
  // One that was enrolled before appearances were measured has none.
  const appearance = quality?.appearance;
  if (appearance === undefined) return [];
  const embedding = openTemplateIfWhole(box, id, modelVersion, sealed);
  return embedding === undefined ? [] : [{ subject, collection, appearance, embedding }];
}
