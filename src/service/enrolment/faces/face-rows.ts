import type { FaceRecord, MeasuredFace } from '../../../core/faces/face-record.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';
import type { RowOf } from '../../platform/database/table.js';
import { openCrop } from '../../../storage/encryption/sealed-records.js';
import { DecryptionError, type SecretBox } from '../../../storage/encryption/secret-box.js';
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
  return {
    id,
    collectionId,
    subjectId,
    face: measuredFace(face),
    detectorVersion,
    modelVersions,
    createTime,
  };
}

/** All of it was measured, or nothing. */
function measuredFace({
  box,
  landmarks,
  probability,
  rho,
  noseOffsetPixels,
  quality,
}: Omit<FaceRow, 'id' | 'detectorVersion' | 'createTime'>): MeasuredFace | undefined {
  if (box === undefined || landmarks === undefined || quality === undefined) return undefined;
  if (probability === undefined || rho === undefined || noseOffsetPixels === undefined) return undefined;
  return { box, landmarks, probability, rho, noseOffsetPixels, quality };
}

/** An enrolled face without a template of some model version. */
export interface FaceToEmbed {
  readonly faceId: string;
  /** The stored crop; undefined where it cannot be decrypted, or where there is none. */
  readonly crop: EncodedStoredCrop | undefined;
}

/** A face's crop. */
export const cropColumns = faces.only('id', 'sealedCrop', 'cropWidth', 'cropHeight', 'cropLandmarks');

export type CropRow = RowOf<typeof cropColumns>;

/** One damaged crop is named and dealt with; it does not hide the others. */
export function toFaceToEmbed(box: SecretBox, row: CropRow): FaceToEmbed {
  try {
    return { faceId: row.id, crop: openSealedCrop(box, row) };
  } catch (error) {
    if (error instanceof DecryptionError) return { faceId: row.id, crop: undefined };
    throw error;
  }
}

/** The crop of a row; undefined where there is none. @throws DecryptionError */
export function openSealedCrop(box: SecretBox, row: CropRow): EncodedStoredCrop | undefined {
  const { id, sealedCrop, cropWidth: width, cropHeight: height, cropLandmarks: landmarks } = row;
  if (sealedCrop === undefined || width === undefined || height === undefined || landmarks === undefined)
    return undefined;
  return { encoded: openCrop(box, id, sealedCrop), width, height, landmarks };
}
