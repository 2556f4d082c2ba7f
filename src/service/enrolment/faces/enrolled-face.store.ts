import type { FaceAppearance } from '../../../core/faces/quality/expected-impostor-similarity.js';
import type {
  ComparableFace,
  EnrolledImageFace,
  Enrolment,
  EnrolmentStatus,
  RecordedRequest,
  SubjectTemplates,
} from './enrolment.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';
import type { PageQuery } from '../../platform/page.js';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt } from '../collection.js';
import type { FaceRecord } from '../../../core/faces/face-record.js';
import {
  type CollectionKey,
  type FaceKey,
  faceName,
  type SubjectKey,
} from '../../platform/resource-names.js';
import { digestImage } from '../../../storage/encryption/sealed-records.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { Database, Sql } from '../../platform/database/database.js';
import { DamagedTemplates, openTemplateIfWhole } from './damaged-templates.js';
import { countFaces, markDeleted, nextRevision, receiptFor } from './deletions.js';
import { requestRetention, writeEnrolment } from './enrolment-transaction.js';
import {
  cropColumns,
  faceColumns,
  type FaceNames,
  type FaceRow,
  openSealedCrop,
  selectFaces,
  toFaceRecord,
  toFaceToEmbed,
} from './face-rows.js';
import { findCollection, subjectUids, throwFaceNotFound } from './lookups.js';
import { damagedCrop } from './stored-crops.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import { faces, idempotencyKeys } from '../enrolment-tables.js';

interface FaceAppearanceRow {
  readonly id: string;
  readonly appearance: FaceAppearance | null;
}

const requestColumns = idempotencyKeys.only('digest', 'outcomes', 'modelVersion', 'detectorVersion');
const byName = 'c.tenant = $1 AND c.id = $2 AND s.id = $3 AND f.id = $4';

/** Enrolled faces. Durable; crops and templates leave this class, and reach the database, encrypted only. */
export class EnrolledFaceStore {
  constructor(
    private readonly database: Database,
    private readonly keys: DataKeys,
    private readonly damaged = new DamagedTemplates(() => undefined),
  ) {}

  /**
   * Stores all faces or none.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
   */
  async enrol(enrolment: Enrolment): Promise<EnrolmentStatus> {
    return writeEnrolment(this.database, await this.keys.toSeal(), enrolment);
  }

  /** The keyed digest of an image in a collection. */
  digestOf({ tenant, collectionId }: CollectionKey, encoded: Uint8Array): Uint8Array {
    return digestImage(this.keys.digestKey, `${tenant}/${collectionId}`, encoded);
  }

  /** The faces of a collection that were enrolled from images, by the hex of their digests. */
  async facesOfImages(
    key: CollectionKey,
    digests: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, readonly EnrolledImageFace[]>> {
    const rows = await this.database.rows<EnrolledImageFace & { readonly digest: string }>(
      `SELECT f.id AS "faceId", s.id AS "subjectId", encode(f.image_digest, 'hex') AS digest
       FROM faces f JOIN subjects s ON s.uid = f.subject_uid JOIN collections c ON c.uid = f.collection_uid
       WHERE c.tenant = $1 AND c.id = $2 AND f.image_digest = ANY ($3::bytea[]) ORDER BY f.create_time, f.id`,
      [key.tenant, key.collectionId, digests.map((digest) => Buffer.from(digest))],
    );
    const faces = new Map<string, EnrolledImageFace[]>();
    for (const { digest, ...face } of rows) faces.set(digest, [...(faces.get(digest) ?? []), face]);
    return faces;
  }

  /** The enrolment under a request id of the last 24 hours; undefined where there is none. */
  async findRequest(tenant: string, requestId: string): Promise<RecordedRequest | undefined> {
    const [request] = await this.database.rowsOf(
      requestColumns,
      `SELECT ${requestColumns.sql()} FROM idempotency_keys
       WHERE tenant = $1 AND request_id = $2 AND create_time >= now() - ${requestRetention}`,
      [tenant, requestId],
    );
    return request;
  }

  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  async get(key: FaceKey): Promise<FaceRecord> {
    return (await faceRecord(this.database, key)) ?? throwFaceNotFound(this.database, key);
  }

  /** Oldest first; the page key is {@link faceOrderKey}. @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async list(key: SubjectKey, { limit, after }: PageQuery): Promise<readonly FaceRecord[]> {
    const { subjectUid } = await subjectUids(this.database, key);
    const [time = null, id = null] = after?.split(' ') ?? [];
    const rows = await this.database.rowsOf<FaceRow, FaceNames>(
      faceColumns,
      `${selectFaces}
       WHERE f.subject_uid = $1 AND ($2::timestamptz IS NULL OR (f.create_time, f.id) > ($2::timestamptz, $3::uuid))
       ORDER BY f.create_time, f.id LIMIT $4`,
      [subjectUid, time, id, limit],
    );
    return rows.map(toFaceRecord);
  }

  /**
   * The encoded crop, and in the same transaction a record of who looked; undefined where the face has none.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND, STORED_CROP_DAMAGED
   */
  async viewCrop(key: FaceKey, { actor }: Caller): Promise<Uint8Array | undefined> {
    return this.database.transaction(async (sql) => {
      const [row] = await sql.rowsOf(
        cropColumns,
        `SELECT ${cropColumns.sql('f')} FROM faces f JOIN subjects s ON s.uid = f.subject_uid
           JOIN collections c ON c.uid = f.collection_uid WHERE ${byName}`,
        parametersOf(key),
      );
      if (row === undefined) return throwFaceNotFound(sql, key);
      const target = faceName(key);
      await recordAuditEvent(sql, {
        actor,
        tenant: key.tenant,
        action: 'face.view-crop',
        target,
        details: {},
      });
      const { crop } = toFaceToEmbed(await this.keys.toOpen([row.sealedCrop], sql), row);
      if (crop === undefined && row.sealedCrop !== undefined) throw damagedCrop(key.faceId);
      return crop?.encoded;
    });
  }

  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  async delete(key: FaceKey, caller: Caller): Promise<DeletionReceipt> {
    return this.database.transaction(async (sql) => {
      const { collectionUid } = await subjectUids(sql, key);
      const revision = await nextRevision(sql, collectionUid, { subjects: 0, faces: -1 });
      if ((await faceRecord(sql, key)) === undefined) return throwFaceNotFound(sql, key);
      const counts = await countFaces(sql, 'id', key.faceId);
      await markDeleted(sql, collectionUid, 'id', key.faceId, revision);
      await sql.delete(faces, { id: key.faceId });
      return receiptFor(sql, 'face.delete', faceName(key), 0, counts, caller);
    });
  }

  /**
   * The subject's templates under one model version, how many faces it has in all, and of how many a template is missing that
   * their crops could give; faces that were enrolled by an embedding of another version have none to give.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
   */
  async templatesOf(key: SubjectKey, modelVersion: string): Promise<SubjectTemplates> {
    const { subjectUid } = await subjectUids(this.database, key);
    const rows = await this.database.rows<
      FaceAppearanceRow & { readonly sealed: Uint8Array | null; readonly cropped: boolean }
    >(
      `SELECT f.id, f.quality->'appearance' AS appearance, t.sealed, f.sealed_crop IS NOT NULL AS cropped
       FROM faces f LEFT JOIN templates t ON t.face_id = f.id AND t.model_version = $2
       WHERE f.subject_uid = $1 ORDER BY f.create_time, f.id`,
      [subjectUid, modelVersion],
    );
    const box = await this.keys.toOpen(rows.map(({ sealed }) => sealed));
    const templates = rows.flatMap(({ id, appearance, sealed }) => {
      if (sealed === null) return [];
      const embedding = this.opened(box, id, modelVersion, sealed);
      return embedding === undefined ? [] : [{ faceId: id, embedding, appearance: appearance ?? undefined }];
    });
    const damagedCount = rows.filter(({ sealed }) => sealed !== null).length - templates.length;
    const missingCount = rows.filter(({ sealed, cropped }) => sealed === null && cropped).length;
    return { templates, faceCount: rows.length, missingCount, damagedCount };
  }

  /** The templates of several subjects under one model version, by the subjects' ids; those without one are left out. */
  async templatesOfSubjects(
    { tenant, collectionId }: CollectionKey,
    subjectIds: readonly string[],
    modelVersion: string,
  ): Promise<ReadonlyMap<string, readonly ComparableFace[]>> {
    const rows = await this.database.rows<
      FaceAppearanceRow & { readonly subject: string; readonly sealed: Uint8Array }
    >(
      `SELECT s.id AS subject, f.id, f.quality->'appearance' AS appearance, t.sealed
       FROM subjects s JOIN collections c ON c.uid = s.collection_uid JOIN faces f ON f.subject_uid = s.uid
         JOIN templates t ON t.face_id = f.id AND t.model_version = $4
       WHERE c.tenant = $1 AND c.id = $2 AND s.id = ANY ($3) ORDER BY f.create_time, f.id`,
      [tenant, collectionId, subjectIds, modelVersion],
    );
    const box = await this.keys.toOpen(rows.map(({ sealed }) => sealed));
    const templates = new Map<string, ComparableFace[]>();
    for (const { subject, id, appearance, sealed } of rows) {
      const embedding = this.opened(box, id, modelVersion, sealed);
      if (embedding === undefined) continue;
      const face = { faceId: id, embedding, appearance: appearance ?? undefined };
      templates.set(subject, [...(templates.get(subject) ?? []), face]);
    }
    return templates;
  }

  /** Whether the templates of a collection under a model version can be read, in the order of the faces' ids. */
  async checkedTemplates(
    key: CollectionKey,
    modelVersion: string,
    { limit, after }: PageQuery,
  ): Promise<readonly CheckedTemplate[]> {
    const { uid } = await findCollection(this.database, key);
    const rows = await this.database.rows<
      Omit<CheckedTemplate, 'isWhole'> & { readonly sealed: Uint8Array | null }
    >(
      `SELECT f.id AS "faceId", s.id AS "subjectId", t.sealed
       FROM faces f JOIN subjects s ON s.uid = f.subject_uid
         LEFT JOIN templates t ON t.face_id = f.id AND t.model_version = $2
       WHERE f.collection_uid = $1 AND ($3::uuid IS NULL OR f.id > $3::uuid)
         AND (t.sealed IS NOT NULL OR f.sealed_crop IS NOT NULL)
       ORDER BY f.id LIMIT $4`,
      [uid, modelVersion, after ?? null, limit],
    );
    const box = await this.keys.toOpen(rows.map(({ sealed }) => sealed));
    return rows.map(({ faceId, subjectId, sealed }) => {
      const isWhole = sealed !== null && this.opened(box, faceId, modelVersion, sealed) !== undefined;
      return { faceId, subjectId, isWhole };
    });
  }

  /**
   * The stored crop, for re-embedding; undefined of a face that was enrolled by its embedding.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND
   */
  async cropOf(key: FaceKey): Promise<EncodedStoredCrop | undefined> {
    const [row] = await this.database.rowsOf(
      cropColumns,
      `SELECT ${cropColumns.sql('f')}
       FROM faces f JOIN subjects s ON s.uid = f.subject_uid JOIN collections c ON c.uid = f.collection_uid
       WHERE ${byName}`,
      parametersOf(key),
    );
    if (row === undefined) return throwFaceNotFound(this.database, key);
    return openSealedCrop(await this.keys.toOpen([row.sealedCrop]), row);
  }

  /** Undefined where it is damaged, which is told of. */
  private opened(
    box: SecretBox,
    faceId: string,
    modelVersion: string,
    sealed: Uint8Array,
  ): Float32Array | undefined {
    const embedding = openTemplateIfWhole(box, faceId, modelVersion, sealed);
    if (embedding === undefined) this.damaged.found(faceId, modelVersion);
    return embedding;
  }
}

/** A face that has, or may have, a template. */
interface CheckedTemplate {
  readonly faceId: string;
  readonly subjectId: string;
  /** False where it cannot be opened, or is missing. */
  readonly isWhole: boolean;
}

async function faceRecord(sql: Sql, key: FaceKey): Promise<FaceRecord | undefined> {
  const statement = `${selectFaces} WHERE ${byName}`;
  const [row] = await sql.rowsOf<FaceRow, FaceNames>(faceColumns, statement, parametersOf(key));
  return row && toFaceRecord(row);
}

function parametersOf({ tenant, collectionId, subjectId, faceId }: FaceKey): readonly string[] {
  return [tenant, collectionId, subjectId, faceId];
}
