import type { ConsentingFace, HeldOutFaceStore } from './held-out-face-store.js';
import type { FaceToEmbed } from '../../enrolment/faces/template-store.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { Database } from '../../platform/database/database.js';
import {
  type FaceToEmbedRow,
  faceToEmbedColumns,
  toFaceToEmbed,
} from '../../enrolment/faces/face-templates.js';

/** Enrolled faces that models are compared on. */
export class PostgresHeldOutFaceStore implements HeldOutFaceStore {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async consentingFaces(): Promise<readonly ConsentingFace[]> {
    const rows = await this.database.rows<{ readonly id: string; readonly subject_uid: string }>(
      `SELECT f.id, f.subject_uid FROM faces f JOIN subjects s ON s.uid = f.subject_uid
       WHERE s.consent_to_train
         AND (SELECT count(*) FROM (SELECT 1 FROM faces g WHERE g.subject_uid = f.subject_uid LIMIT 2) two) = 2
       ORDER BY f.subject_uid, f.id`,
    );
    return rows.map(({ id, subject_uid: identity }) => ({ faceId: id, identity }));
  }

  async crops(faceIds: readonly string[]): Promise<readonly FaceToEmbed[]> {
    const rows = await this.database.rows<FaceToEmbedRow>(
      `SELECT ${faceToEmbedColumns} FROM faces f JOIN subjects s ON s.uid = f.subject_uid
       WHERE f.id = ANY ($1::uuid[]) AND s.consent_to_train ORDER BY f.id`,
      [faceIds],
    );
    return rows.map((row) => toFaceToEmbed(this.box, row));
  }
}
