import type { Enrolment, EnrolmentOutcome, NewFace } from './enrolled-face-store.js';
import { sealCrop, sealTemplate } from '../../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { Sql } from '../../platform/database/database.js';
import { nextRevision } from './deletions.js';
import { collectionNotFound, throwSubjectNotFound } from './lookups.js';
import { isActiveBackbone } from '../../models/serving/postgres-active-model-store.js';
import { insertSubject } from '../subjects/new-subject.js';
import { addToIndex } from '../../platform/database/vector-index.js';

interface CollectionRow {
  readonly uid: string;
  readonly revision: string;
  readonly searchable: boolean;
  readonly default_consent_to_train: boolean;
}

/** How long a request id is remembered. */
export const requestRetention = "interval '24 hours'";

/** Writes an enrolment; the caller commits or rolls back. @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
export async function writeEnrolment(
  sql: Sql,
  box: SecretBox,
  enrolment: Enrolment,
): Promise<EnrolmentOutcome> {
  const { subject, faces, modelVersion, expectedRevision } = enrolment;
  // First of all: a change of the backbone takes this lock before the collections' rows, too.
  if (!(await isActiveBackbone(sql, modelVersion))) return 'model-changed';
  const [collection] = await sql.rows<CollectionRow>(
    `SELECT uid, revision, searchable, default_consent_to_train FROM collections
     WHERE tenant = $1 AND id = $2 FOR UPDATE`,
    [subject.tenant, subject.collectionId],
  );
  if (collection === undefined) throw collectionNotFound(subject);
  if (!(await claimRequest(sql, enrolment))) return 'repeated';
  if (expectedRevision !== undefined && expectedRevision !== collection.revision) return 'collection-changed';
  const { subjectUid, created } = await subjectFor(sql, enrolment, collection);
  const change = { subjects: created ? 1 : 0, faces: faces.length };
  const revision = await nextRevision(sql, collection.uid, change);
  await sql.rows('INSERT INTO model_versions (id) VALUES ($1) ON CONFLICT DO NOTHING', [modelVersion]);
  for (const face of faces) {
    await insertFace(
      sql,
      box,
      face,
      { collectionUid: collection.uid, subjectUid },
      enrolment.detectorVersion,
    );
    await sql.rows(
      'INSERT INTO templates (face_id, model_version, collection_uid, revision, sealed) VALUES ($1, $2, $3, $4, $5)',
      [
        face.id,
        modelVersion,
        collection.uid,
        revision,
        Buffer.from(sealTemplate(box, face.id, modelVersion, face.embedding)),
      ],
    );
    if (collection.searchable) {
      await addToIndex(sql, { collectionUid: collection.uid, modelVersion }, face.id, face.embedding);
    }
  }
  return 'stored';
}

/** @returns false where another enrolment has the request id; waits for one that is being written */
async function claimRequest(
  sql: Sql,
  { request, subject, modelVersion, detectorVersion }: Enrolment,
): Promise<boolean> {
  if (request === undefined) return true;
  await sql.rows(`DELETE FROM idempotency_keys WHERE create_time < now() - ${requestRetention}`);
  const claimed = await sql.rows(
    `INSERT INTO idempotency_keys (tenant, request_id, digest, outcomes, model_version, detector_version)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING request_id`,
    [
      subject.tenant,
      request.id,
      Buffer.from(request.digest),
      JSON.stringify(request.outcomes),
      modelVersion,
      detectorVersion,
    ],
  );
  return claimed.length > 0;
}

async function subjectFor(
  sql: Sql,
  { subject: key, createSubject, actor }: Enrolment,
  collection: CollectionRow,
): Promise<{ readonly subjectUid: string; readonly created: boolean }> {
  const [existing] = await sql.rows<{ uid: string }>(
    'SELECT uid FROM subjects WHERE collection_uid = $1 AND id = $2',
    [collection.uid, key.subjectId],
  );
  if (existing !== undefined) return { subjectUid: existing.uid, created: false };
  if (!createSubject) return throwSubjectNotFound(sql, key);
  const unsaid = { displayName: '', consentToTrain: undefined };
  const subjectUid = await insertSubject(sql, key, collection, unsaid, actor);
  if (subjectUid === undefined) throw new Error('a subject is there that was not there under the same lock');
  return { subjectUid, created: true };
}

async function insertFace(
  sql: Sql,
  box: SecretBox,
  { id, face, crop }: NewFace,
  uids: { readonly collectionUid: string; readonly subjectUid: string },
  detectorVersion: string,
): Promise<void> {
  await sql.rows(
    `INSERT INTO faces (id, collection_uid, subject_uid, box, landmarks, detection_probability, rho,
       nose_offset_pixels, quality, sealed_crop, crop_width, crop_height, crop_landmarks, detector_version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      id,
      uids.collectionUid,
      uids.subjectUid,
      face.box,
      face.landmarks,
      face.probability,
      face.rho,
      face.noseOffsetPixels,
      face.quality,
      Buffer.from(sealCrop(box, id, crop.encoded)),
      crop.width,
      crop.height,
      crop.landmarks,
      detectorVersion,
    ],
  );
}
