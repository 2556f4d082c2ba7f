import type { FaceRecord } from '../../../core/faces/face-record.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';
import type { RowOf } from '../../platform/database/table.js';
import { openCrop } from '../../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import { faces } from '../enrolment-tables.js';

/** A face without its crop. */
export const faceColumns = faces.only(
  'id',
  'box',
  'landmarks',
  'probability',
  'rho',
  'noseOffsetPixels',
  'quality',
  'detectorVersion',
  'createTime',
);
export type FaceRow = RowOf<typeof faceColumns>;
/** Names of what a face belongs to, and the versions that it has templates under. */
export type FaceNames = Pick<FaceRecord, 'collectionId' | 'subjectId' | 'modelVersions'>;

/** A selection of faces, to be narrowed by a WHERE on `c` (collections), `s` (subjects) and `f` (faces). */
export const selectFaces = `
  SELECT ${faceColumns.sql('f')}, c.id AS "collectionId", s.id AS "subjectId",
    ARRAY(SELECT t.model_version FROM templates t WHERE t.face_id = f.id ORDER BY 1) AS "modelVersions"
  FROM faces f JOIN subjects s ON s.uid = f.subject_uid JOIN collections c ON c.uid = f.collection_uid`;

export function toFaceRecord(row: FaceRow & FaceNames): FaceRecord {
  const { id, collectionId, subjectId, detectorVersion, modelVersions, createTime, ...face } = row;
  return { id, collectionId, subjectId, face, detectorVersion, modelVersions, createTime };
}

/** An enrolled face without a template of some model version. */
export interface FaceToEmbed {
  readonly faceId: string;
  /** The stored crop; undefined where it cannot be decrypted. */
  readonly crop: EncodedStoredCrop | undefined;
}

/** A face's crop. */
export const cropColumns = faces.only('id', 'sealedCrop', 'cropWidth', 'cropHeight', 'cropLandmarks');

export function toFaceToEmbed(box: SecretBox, row: RowOf<typeof cropColumns>): FaceToEmbed {
  const { id, sealedCrop, cropWidth: width, cropHeight: height, cropLandmarks: landmarks } = row;
  const encoded = openUnlessDamaged(box, id, sealedCrop);
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
