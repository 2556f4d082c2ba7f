import { invalidField } from '../../../core/invalid-field.js';
import type { Caller } from '../../access/caller.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database, Transaction } from '../../platform/database/database.js';
import { parseSubjectName, type SubjectKey, subjectName } from '../../platform/resource-names.js';
import type { Subject } from '../collection.js';
import { subjects } from '../enrolment-tables.js';
import { nextRevision } from '../faces/deletions.js';
import { subjectUids } from '../faces/lookups.js';
import { recordConsent } from './new-subject.js';
import { readSubject } from './subject.store.js';

export interface MergeResult {
  /** The target as it is now. */
  readonly subject: Subject;
  readonly movedFaceCount: number;
}

/** The two subjects of a merge, both there. */
interface MergedPair {
  readonly collectionUid: string;
  readonly targetUid: string;
  readonly sourceUid: string;
}

/** Makes one subject of two that are one person. */
export class MergeSubjects {
  constructor(private readonly database: Database) {}

  /**
   * Moves every face of the source to the target, in one transaction; the faces keep their ids, crops and templates.
   * @param targetName the subject that stays, with its id and display name
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, SUBJECT_MERGED
   */
  async execute(targetName: string, sourceName: string, caller: Caller): Promise<MergeResult> {
    const target = parseSubjectName(targetName, caller.tenant, 'target');
    const source = parseSubjectName(sourceName, caller.tenant, 'source');
    requireMergeable(target, source);
    return this.database.transaction(async (sql) => {
      const { collectionUid } = await subjectUids(sql, target);
      // Takes the collection's row: nothing else is enrolled, deleted or merged in it meanwhile.
      const revision = await nextRevision(sql, collectionUid, { subjects: -1, faces: 0 });
      const pair = {
        collectionUid,
        targetUid: (await subjectUids(sql, target)).subjectUid,
        sourceUid: (await subjectUids(sql, source)).subjectUid,
      };
      const movedFaceCount = await moveFaces(sql, pair, revision);
      await takeStricterConsent(sql, pair, target, caller);
      await leaveTrace(sql, pair, source.subjectId);
      await sql.delete(subjects, { uid: pair.sourceUid });
      const { actor, tenant } = caller;
      const details = { source: subjectName(source), face_count: String(movedFaceCount) };
      const action = 'subject.merge' as const;
      await recordAuditEvent(sql, { actor, tenant, action, target: subjectName(target), details });
      return { subject: await readSubject(sql, target), movedFaceCount };
    });
  }
}

function requireMergeable(target: SubjectKey, source: SubjectKey): void {
  if (target.collectionId !== source.collectionId)
    throw invalidField('source', 'must be a subject of the same collection');
  if (target.subjectId === source.subjectId)
    throw invalidField('source', 'must be another subject than target');
}

/** Copies of templates in memory read the moved ones again, by their revision. @returns how many faces were moved */
async function moveFaces(
  sql: Transaction,
  { targetUid, sourceUid }: MergedPair,
  revision: string,
): Promise<number> {
  await sql.rows(
    'UPDATE templates SET revision = $2 WHERE face_id IN (SELECT id FROM faces WHERE subject_uid = $1)',
    [sourceUid, revision],
  );
  const moved = await sql.rows('UPDATE faces SET subject_uid = $2 WHERE subject_uid = $1 RETURNING id', [
    sourceUid,
    targetUid,
  ]);
  return moved.length;
}

/** Faces of who has not consented are not trained on for being merged: the consent of both together is that of the stricter. */
async function takeStricterConsent(
  sql: Transaction,
  { targetUid, sourceUid }: MergedPair,
  target: SubjectKey,
  { actor }: Caller,
): Promise<void> {
  const before = await sql.first(subjects, { where: { uid: targetUid } });
  const source = await sql.first(subjects, { where: { uid: sourceUid } });
  if (before === undefined || source === undefined) throw new Error('a subject disappeared under its lock');
  const consentToTrain = before.consentToTrain && source.consentToTrain;
  await sql.update(subjects, { uid: targetUid }, { consentToTrain, updateTime: () => 'now()' });
  if (consentToTrain !== before.consentToTrain) await recordConsent(sql, target, actor, false, 'merge');
}

/** Whoever asks for the source learns of the target, and so does who asks for what was merged into the source before. */
async function leaveTrace(
  sql: Transaction,
  { collectionUid, targetUid, sourceUid }: MergedPair,
  sourceId: string,
): Promise<void> {
  await sql.rows('UPDATE merged_subjects SET target_uid = $2 WHERE target_uid = $1', [sourceUid, targetUid]);
  await sql.rows(
    `INSERT INTO merged_subjects (collection_uid, id, target_uid) VALUES ($1, $2, $3)
     ON CONFLICT (collection_uid, id) DO UPDATE SET target_uid = excluded.target_uid, merge_time = now()`,
    [collectionUid, sourceId, targetUid],
  );
}
