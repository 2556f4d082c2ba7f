import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { Database } from '../../platform/database/database.js';
import { cropColumns, toFaceToEmbed } from '../../enrolment/faces/face-rows.js';

/** An enrolled face whose subject consents to training. */
export interface ConsentingFace {
  readonly faceId: string;
  /** The identity of the face, as in `TrainableFace`. */
  readonly identity: string;
  /** The collection's key: of subjects of two it is not known whether they are two persons. */
  readonly collection: string;
}

/** Enrolled faces that models are compared on. Every method may throw Failure DATABASE_UNAVAILABLE. */
export class HeldOutFaceStore {
  constructor(
    private readonly database: Database,
    private readonly keys: DataKeys,
  ) {}

  /**
   * Reads the faces of all tenants' subjects who consent and have two faces or more, in the order of subjects and ids.
   */
  async consentingFaces(): Promise<readonly ConsentingFace[]> {
    return this.database.rows<ConsentingFace>(
      `SELECT f.id AS "faceId", f.subject_uid AS identity, f.collection_uid AS collection
       FROM faces f JOIN subjects s ON s.uid = f.subject_uid
       WHERE s.consent_to_train AND f.sealed_crop IS NOT NULL
         AND (SELECT count(*) FROM (
           SELECT 1 FROM faces g WHERE g.subject_uid = f.subject_uid AND g.sealed_crop IS NOT NULL LIMIT 2) two) = 2
       ORDER BY f.subject_uid, f.id`,
    );
  }

  /** Reads the crops of those among the faces that are enrolled still and whose subject consents still. */
  async crops(faceIds: readonly string[]): Promise<readonly FaceToEmbed[]> {
    const rows = await this.database.rowsOf(
      cropColumns,
      `SELECT ${cropColumns.sql('f')} FROM faces f JOIN subjects s ON s.uid = f.subject_uid
       WHERE f.id = ANY ($1::uuid[]) AND s.consent_to_train AND f.sealed_crop IS NOT NULL ORDER BY f.id`,
      [faceIds],
    );
    const box = await this.keys.toOpen(rows.map(({ sealedCrop }) => sealedCrop));
    return rows.map((row) => toFaceToEmbed(box, row));
  }
}
