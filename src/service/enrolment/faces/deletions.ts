import { randomUUID } from 'node:crypto';
import type { AuditAction } from '../../access/audit-event.js';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt } from '../collection.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import type { Sql } from '../../platform/database/database.js';

/** What is about to go, counted before it does. */
interface Counts {
  readonly faces: number;
  readonly templates: number;
}

type Scope = 'collection_uid' | 'subject_uid' | 'id';

/** @param scope the column of `faces` by which they are chosen */
export async function countFaces(sql: Sql, scope: Scope, value: string): Promise<Counts> {
  const [row] = await sql.rows<{ faces: string; templates: string }>(
    `SELECT count(DISTINCT f.id) AS faces, count(t.face_id) AS templates
     FROM faces f LEFT JOIN templates t ON t.face_id = f.id WHERE f.${scope} = $1`,
    [value],
  );
  return { faces: Number(row?.faces ?? 0), templates: Number(row?.templates ?? 0) };
}

/** Tells copies in memory to forget the faces; before these are deleted. */
export async function markDeleted(
  sql: Sql,
  scope: Exclude<Scope, 'collection_uid'>,
  value: string,
  revision: string,
): Promise<void> {
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
  const [row] = await sql.rows<{ revision: string }>(
    `UPDATE collections SET revision = revision + 1, subject_count = subject_count + $2, face_count = face_count + $3
     WHERE uid = $1 RETURNING revision`,
    [collectionUid, change.subjects, change.faces],
  );
  if (row === undefined) throw new Error('a collection disappeared while its row was needed');
  return row.revision;
}

/** The receipt, recorded in the audit log under its id. */
export async function receiptFor(
  sql: Sql,
  action: AuditAction & `${string}.delete`,
  target: string,
  subjectCount: number,
  { faces, templates }: Counts,
  { actor, tenant }: Caller,
): Promise<DeletionReceipt> {
  const receipt = {
    id: randomUUID(),
    deleteTime: new Date(),
    subjectCount,
    faceCount: faces,
    // Every face has one.
    cropCount: faces,
    templateCount: templates,
  };
  const details = {
    receipt_id: receipt.id,
    subject_count: String(subjectCount),
    face_count: String(faces),
    crop_count: String(faces),
    template_count: String(templates),
  };
  await recordAuditEvent(sql, { actor, tenant, action, target, details });
  return receipt;
}
