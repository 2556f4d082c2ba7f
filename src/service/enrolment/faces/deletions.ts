import { randomUUID } from 'node:crypto';
import type { AuditAction } from '../../access/audit-event.js';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt } from '../collection.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Sql, Transaction } from '../../platform/database/database.js';
import { collections } from '../enrolment-tables.js';
import { rememberedRevisions } from '../gallery/remembered-deletions.js';

/** What is about to go, counted before it does. */
interface Counts {
  readonly faces: number;
  readonly crops: number;
  readonly templates: number;
}

type Scope = 'collection_uid' | 'subject_uid' | 'id';

/** @param scope the column of `faces` by which they are chosen */
export async function countFaces(sql: Sql, scope: Scope, value: string): Promise<Counts> {
  const [counts] = await sql.rows<Counts>(
    `SELECT count(DISTINCT f.id)::int AS faces, count(t.face_id)::int AS templates,
       (count(DISTINCT f.id) FILTER (WHERE f.sealed_crop IS NOT NULL))::int AS crops
     FROM faces f LEFT JOIN templates t ON t.face_id = f.id WHERE f.${scope} = $1`,
    [value],
  );
  return counts ?? { faces: 0, crops: 0, templates: 0 };
}

/** Tells copies in memory to forget the faces, before these are deleted; what they were told long ago goes. */
export async function markDeleted(
  sql: Sql,
  collectionUid: string,
  scope: Exclude<Scope, 'collection_uid'>,
  value: string,
  revision: string,
): Promise<void> {
  await sql.rows('DELETE FROM deleted_faces WHERE collection_uid = $1 AND revision <= $2', [
    collectionUid,
    String(BigInt(revision) - rememberedRevisions),
  ]);
  await sql.rows(
    `INSERT INTO deleted_faces (collection_uid, revision, face_id)
     SELECT collection_uid, $2::bigint, id FROM faces WHERE ${scope} = $1`,
    [value, revision],
  );
}

/**
 * Moves the collection to its next revision; holding its row until the transaction ends, so that revisions become
 * visible in their order.
 */
export async function nextRevision(
  sql: Sql,
  collectionUid: string,
  change: { readonly subjects: number; readonly faces: number },
): Promise<string> {
  const [collection] = await sql.update(
    collections,
    { uid: collectionUid },
    {
      revision: () => 'revision + 1',
      subjectCount: () => `subject_count + ${change.subjects}`,
      faceCount: () => `face_count + ${change.faces}`,
    },
  );
  if (collection === undefined) throw new Error('a collection disappeared while its row was needed');
  return collection.revision;
}

/** The receipt, recorded in the audit log under its id. */
export async function receiptFor(
  sql: Transaction,
  action: AuditAction & `${string}.delete`,
  target: string,
  subjectCount: number,
  { faces, crops, templates }: Counts,
  { actor, tenant }: Caller,
): Promise<DeletionReceipt> {
  const receipt = {
    id: randomUUID(),
    deleteTime: new Date(),
    subjectCount,
    faceCount: faces,
    cropCount: crops,
    templateCount: templates,
  };
  const details = {
    receipt_id: receipt.id,
    subject_count: String(subjectCount),
    face_count: String(faces),
    crop_count: String(crops),
    template_count: String(templates),
  };
  await recordAuditEvent(sql, { actor, tenant, action, target, details });
  return receipt;
}
