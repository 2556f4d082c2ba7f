import type { Enrolment, EnrolmentStatus, NewFace } from './enrolment.js';
import { sealCrop, sealTemplate } from '../../../storage/encryption/sealed-records.js';
import { dataKeyOf, type SecretBox } from '../../../storage/encryption/secret-box.js';
import type { RowOf } from '../../platform/database/table.js';
import type { Database, Sql, Transaction } from '../../platform/database/database.js';
import { nextRevision } from './deletions.js';
import { findCollection, throwSubjectNotFound } from './lookups.js';
import { isActiveBackbone } from '../../models/serving/active-model.store.js';
import { insertSubject } from '../subjects/new-subject.js';
import {
  type collections,
  faces as faceTable,
  idempotencyKeys,
  mergedSubjects,
  subjects,
  templates,
} from '../enrolment-tables.js';
import { addToIndex } from '../../platform/database/vector-index.js';

/** How long a request id is remembered. */
export const requestRetention = "interval '24 hours'";

/**
 * Writes an enrolment in one transaction: all of it where it is `stored`, nothing where it is not.
 * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
 */
export async function writeEnrolment(
  database: Database,
  box: SecretBox,
  enrolment: Enrolment,
): Promise<EnrolmentStatus> {
  try {
    return await database.transaction(async (sql) => {
      const outcome = await written(sql, box, enrolment);
      if (outcome !== 'stored') throw new NothingWritten(outcome);
      return outcome;
    });
  } catch (error) {
    if (error instanceof NothingWritten) return error.outcome;
    throw error;
  }
}

/** Rolls the transaction back without being an error. */
class NothingWritten extends Error {
  constructor(readonly outcome: EnrolmentStatus) {
    super(outcome);
  }
}

async function written(sql: Transaction, box: SecretBox, enrolment: Enrolment): Promise<EnrolmentStatus> {
  const { subject, faces, modelVersion, expectedRevision } = enrolment;
  // First of all: a change of the backbone takes this lock before the collections' rows, too.
  if (!(await isActiveBackbone(sql, modelVersion))) return 'model-changed';
  const collection = await findCollection(sql, subject, 'held');
  if (!(await claimRequest(sql, enrolment))) return 'repeated';
  if (expectedRevision !== undefined && expectedRevision !== collection.revision) return 'collection-changed';
  if (await isImageEnrolled(sql, enrolment, collection.uid)) return 'image-enrolled';
  const { subjectUid, created } = await subjectFor(sql, enrolment, collection);
  const change = { subjects: created ? 1 : 0, faces: faces.length };
  const revision = await nextRevision(sql, collection.uid, change);
  for (const face of faces) {
    const owner = { collectionUid: collection.uid, subjectUid };
    await insertFace(sql, box, face, owner, enrolment.detectorVersion);
    const sealed = sealTemplate(box, face.id, modelVersion, face.embedding);
    await sql.insert(templates, {
      faceId: face.id,
      modelVersion,
      collectionUid: collection.uid,
      revision,
      sealed,
      dataKey: dataKeyOf(sealed),
    });
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
  const { id: requestId, digest, outcomes } = request;
  const key = { tenant: subject.tenant, requestId, digest, outcomes, modelVersion, detectorVersion };
  return (await sql.createUnlessThere(idempotencyKeys, key)) !== undefined;
}

/** Whether an image is among those of the subject, or of another where that is not allowed. */
async function isImageEnrolled(
  sql: Sql,
  { faces, subject, allowDuplicates }: Enrolment,
  collectionUid: string,
): Promise<boolean> {
  const rows = await sql.rows(
    `SELECT 1 FROM faces f JOIN subjects s ON s.uid = f.subject_uid
     WHERE f.collection_uid = $1 AND f.image_digest = ANY ($2::bytea[]) AND (s.id = $3 OR NOT $4::boolean) LIMIT 1`,
    [
      collectionUid,
      faces.map(({ imageDigest }) => Buffer.from(imageDigest)),
      subject.subjectId,
      allowDuplicates,
    ],
  );
  return rows.length > 0;
}

async function subjectFor(
  sql: Transaction,
  { subject: key, createSubject, displayName, actor }: Enrolment,
  collection: RowOf<typeof collections>,
): Promise<{ readonly subjectUid: string; readonly created: boolean }> {
  const existing = await sql.first(subjects, { where: { collectionUid: collection.uid, id: key.subjectId } });
  if (existing !== undefined) return { subjectUid: existing.uid, created: false };
  // Nor is one made anew by enrolling under an id that was merged into another: the person would be there twice again.
  const merged = await sql.first(mergedSubjects, {
    where: { collectionUid: collection.uid, id: key.subjectId },
  });
  if (!createSubject || merged !== undefined) return throwSubjectNotFound(sql, key);
  const subject = { displayName, consentToTrain: undefined };
  const subjectUid = await insertSubject(sql, key, collection, subject, actor);
  if (subjectUid === undefined) throw new Error('a subject is there that was not there under the same lock');
  return { subjectUid, created: true };
}

async function insertFace(
  sql: Sql,
  box: SecretBox,
  { id, photographed, imageDigest }: NewFace,
  owner: { readonly collectionUid: string; readonly subjectUid: string },
  detectorVersion: string,
): Promise<void> {
  if (photographed === undefined) {
    // Nothing is sealed: left out, the key would be the first one by default, which is destroyed once another has taken its place.
    await sql.rows(
      `INSERT INTO faces (id, collection_uid, subject_uid, detector_version, image_digest, data_key)
       VALUES ($1, $2, $3, '', $4, NULL)`,
      [id, owner.collectionUid, owner.subjectUid, Buffer.from(imageDigest)],
    );
    return;
  }
  const { face, crop } = photographed;
  const { encoded, width: cropWidth, height: cropHeight, landmarks: cropLandmarks } = crop;
  const { box: faceBox, landmarks, probability, rho, noseOffsetPixels, quality } = face;
  const sealedCrop = sealCrop(box, id, encoded);
  await sql.insert(faceTable, {
    id,
    ...owner,
    box: faceBox,
    landmarks,
    probability,
    rho,
    noseOffsetPixels,
    quality,
    sealedCrop,
    dataKey: dataKeyOf(sealedCrop),
    cropWidth,
    cropHeight,
    cropLandmarks,
    detectorVersion,
    imageDigest,
  });
}
