import type { CollectionKey, FaceKey, SubjectKey } from '../../platform/resource-names.js';
import { collectionName, faceName, subjectName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import type { RowOf } from '../../platform/database/table.js';
import type { Sql } from '../../platform/database/database.js';
import { collections } from '../enrolment-tables.js';

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

/** @throws Failure COLLECTION_NOT_FOUND or SUBJECT_NOT_FOUND, whichever it is */
export async function throwSubjectNotFound(sql: Sql, key: SubjectKey): Promise<never> {
  await findCollection(sql, key);
  const name = subjectName(key);
  throw new Failure(
    'SUBJECT_NOT_FOUND',
    `There is no ${name}. Create it, or enrol with create_subject set.`,
    {
      name,
    },
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
