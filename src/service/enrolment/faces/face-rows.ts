import type { FaceRecord, MeasuredFace } from '../../../core/faces/face-record.js';
import type { Landmarks } from '../../../core/faces/landmarks.js';

/** A row of `faces` with its names, without its crop. */
export interface FaceRow {
  readonly id: string;
  readonly collection_id: string;
  readonly subject_id: string;
  readonly box: MeasuredFace['box'];
  readonly landmarks: Landmarks;
  readonly detection_probability: number;
  readonly rho: number;
  readonly nose_offset_pixels: number;
  readonly quality: MeasuredFace['quality'];
  readonly detector_version: string;
  readonly create_time: Date;
  readonly model_versions: readonly string[];
}

/** To be narrowed by a WHERE on `c` (collections), `s` (subjects) and `f` (faces). */
export const selectFaces = `
  SELECT f.id, c.id AS collection_id, s.id AS subject_id, f.box, f.landmarks, f.detection_probability, f.rho,
    f.nose_offset_pixels, f.quality, f.detector_version, f.create_time,
    ARRAY(SELECT t.model_version FROM templates t WHERE t.face_id = f.id ORDER BY 1) AS model_versions
  FROM faces f JOIN subjects s ON s.uid = f.subject_uid JOIN collections c ON c.uid = f.collection_uid`;

export function toFaceRecord(row: FaceRow): FaceRecord {
  return {
    id: row.id,
    collectionId: row.collection_id,
    subjectId: row.subject_id,
    face: {
      box: row.box,
      landmarks: row.landmarks,
      probability: row.detection_probability,
      rho: row.rho,
      noseOffsetPixels: row.nose_offset_pixels,
      quality: row.quality,
    },
    detectorVersion: row.detector_version,
    modelVersions: row.model_versions,
    createTime: row.create_time,
  };
}
