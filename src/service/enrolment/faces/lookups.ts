import type { CollectionKey, FaceKey, SubjectKey } from '../../platform/resource-names.js';
import { collectionName, faceName, subjectName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import type { RowOf } from '../../platform/database/table.js';
import type { Sql } from '../../platform/database/database.js';
import { collections, mergedSubjects, subjects } from '../enrolment-tables.js';

/**
 * @param row held: until the transaction ends, nobody else changes the collection or what is in it
 * @throws Failure COLLECTION_NOT_FOUND, also for another tenant's
 */
export async function findCollection(
  sql: Sql,
  key: CollectionKey,
  row: 'read' | 'held' = 'read',
): Promise<RowOf<typeof collections>> {
  const found = await sql.first(collections, {
    where: { tenant: key.tenant, id: key.collectionId },
    ...(row === 'held' && { lock: { mode: 'pessimistic_write' } }),
  });
  if (found === undefined) throw collectionNotFound(key);
  return found;
}

export function collectionNotFound(key: CollectionKey): Failure {
  const name = collectionName(key);
  return new Failure(
    'COLLECTION_NOT_FOUND',
    `There is no ${name}. Create it, or list the collections there are.`,
    {
      name,
    },
  );
}

/** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_MERGED or SUBJECT_NOT_FOUND, whichever it is */
export async function throwSubjectNotFound(sql: Sql, key: SubjectKey): Promise<never> {
  const { uid } = await findCollection(sql, key);
  const name = subjectName(key);
  const targetId = await mergedInto(sql, uid, key.subjectId);
  if (targetId !== undefined) throw subjectMerged(name, subjectName({ ...key, subjectId: targetId }));
  throw new Failure(
    'SUBJECT_NOT_FOUND',
    `There is no ${name}. Create it, or enrol with create_subject set.`,
    {
      name,
    },
  );
}

/** The id of the subject that one was merged into; undefined where it was not. */
async function mergedInto(sql: Sql, collectionUid: string, id: string): Promise<string | undefined> {
  const merged = await sql.first(mergedSubjects, { where: { collectionUid, id } });
  return merged && (await sql.first(subjects, { where: { uid: merged.targetUid } }))?.id;
}

function subjectMerged(name: string, target: string): Failure {
  return new Failure(
    'SUBJECT_MERGED',
    `${name} was merged into ${target}, which has its faces. Use that one; CreateSubject makes a new one of the old id.`,
    { name, target },
  );
}

/** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND or ENROLLED_FACE_NOT_FOUND, whichever it is */
export async function throwFaceNotFound(sql: Sql, key: FaceKey): Promise<never> {
  await subjectUids(sql, key);
  const name = faceName(key);
  throw new Failure('ENROLLED_FACE_NOT_FOUND', `There is no ${name}; it may have been deleted.`, { name });
}

/** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
export async function subjectUids(
  sql: Sql,
  key: SubjectKey,
): Promise<{ readonly collectionUid: string; readonly subjectUid: string }> {
  const [row] = await sql.rows<{ readonly collectionUid: string; readonly subjectUid: string }>(
    `SELECT s.collection_uid AS "collectionUid", s.uid AS "subjectUid" FROM subjects s JOIN collections c ON c.uid = s.collection_uid
     WHERE c.tenant = $1 AND c.id = $2 AND s.id = $3`,
    [key.tenant, key.collectionId, key.subjectId],
  );
  return row ?? throwSubjectNotFound(sql, key);
}
