import type { PageQuery } from '../../platform/page.js';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt, Subject } from '../collection.js';
import { type CollectionKey, type SubjectKey, subjectName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import type { RowOf } from '../../platform/database/table.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database, Sql } from '../../platform/database/database.js';
import { countFaces, markDeleted, nextRevision, receiptFor } from '../faces/deletions.js';
import { collectionNotFound, findCollection, subjectUids, throwSubjectNotFound } from '../faces/lookups.js';
import { insertSubject, type NewSubject, recordConsent } from './new-subject.js';
import { collections, mergedSubjects, subjects } from '../enrolment-tables.js';

/** What a subject's row does not have. */
type Looked = Pick<Subject, 'collectionId' | 'faceCount'>;

const selectSubjects = `
  SELECT ${subjects.all.sql('s')}, c.id AS "collectionId",
    (SELECT count(*)::int FROM faces f WHERE f.subject_uid = s.uid) AS "faceCount"
  FROM subjects s JOIN collections c ON c.uid = s.collection_uid`;

export interface SubjectChanges {
  readonly displayName?: string;
  readonly consentToTrain?: boolean;
}

/** The persons of a collection. Durable; consent and deletions are recorded in the audit log. */
export class SubjectStore {
  constructor(private readonly database: Database) {}

  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_ALREADY_EXISTS */
  async create(key: SubjectKey, subject: NewSubject, { actor }: Caller): Promise<Subject> {
    return this.database.transaction(async (sql) => {
      // Every change of a collection takes its row first, so that changes wait for each other and never in a circle.
      const [collection] = await sql.update(
        collections,
        { tenant: key.tenant, id: key.collectionId },
        { subjectCount: () => 'subject_count + 1' },
      );
      if (collection === undefined) throw collectionNotFound(key);
      if ((await insertSubject(sql, key, collection, subject, actor)) === undefined) {
        const name = subjectName(key);
        throw new Failure('SUBJECT_ALREADY_EXISTS', `${name} is there already.`, { name });
      }
      // An id that was merged into another is a new person's from here on.
      await sql.delete(mergedSubjects, { collectionUid: collection.uid, id: key.subjectId });
      return readSubject(sql, key);
    });
  }

  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async get(key: SubjectKey): Promise<Subject> {
    return readSubject(this.database, key);
  }

  /**
   * Lists the subjects of a collection by their ids.
   * @param sought what their ids or display names contain, in upper or lower case
   * @throws Failure COLLECTION_NOT_FOUND
   */
  async list(key: CollectionKey, sought: string, { limit, after }: PageQuery): Promise<readonly Subject[]> {
    const { uid } = await findCollection(this.database, key);
    return this.database.rowsOf<RowOf<typeof subjects>, Looked>(
      subjects.all,
      `${selectSubjects} WHERE s.collection_uid = $1 AND ($2::text IS NULL OR s.id > $2)
         AND ($3 = '' OR strpos(lower(s.id), lower($3)) > 0 OR strpos(lower(s.display_name), lower($3)) > 0)
       ORDER BY s.id LIMIT $4`,
      [uid, after ?? null, sought, limit],
    );
  }

  /** Display names by id, of those of the subjects that are there. */
  async displayNames(
    key: CollectionKey,
    subjectIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.rows<{ readonly id: string; readonly displayName: string }>(
      `SELECT s.id, s.display_name AS "displayName" FROM subjects s JOIN collections c ON c.uid = s.collection_uid
       WHERE c.tenant = $1 AND c.id = $2 AND s.id = ANY ($3::text[])`,
      [key.tenant, key.collectionId, subjectIds],
    );
    return new Map(rows.map(({ id, displayName }) => [id, displayName]));
  }

  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async update(key: SubjectKey, changes: SubjectChanges, { actor }: Caller): Promise<Subject> {
    const { consentToTrain } = changes;
    return this.database.transaction(async (sql) => {
      const { subjectUid } = await subjectUids(sql, key);
      await sql.update(subjects, { uid: subjectUid }, { ...changes, updateTime: () => 'now()' });
      if (changes.displayName !== undefined) {
        // The name itself is a person's, and the record is never removed.
        const [target, { tenant }] = [subjectName(key), key];
        await recordAuditEvent(sql, { actor, tenant, action: 'subject.rename', target, details: {} });
      }
      if (consentToTrain !== undefined) {
        await recordConsent(sql, key, actor, consentToTrain, 'stated');
      }
      return readSubject(sql, key);
    });
  }

  /** Deletes every face, crop and template too. @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async delete(key: SubjectKey, caller: Caller): Promise<DeletionReceipt> {
    return this.database.transaction(async (sql) => {
      const { collectionUid: uid } = await subjectUids(sql, key);
      const revision = await nextRevision(sql, uid, { subjects: -1, faces: 0 });
      // Again, now that nothing else changes the collection.
      const { subjectUid } = await subjectUids(sql, key);
      const counts = await countFaces(sql, 'subject_uid', subjectUid);
      await markDeleted(sql, uid, 'subject_uid', subjectUid, revision);
      await sql.delete(subjects, { uid: subjectUid });
      await sql.update(collections, { uid }, { faceCount: () => `face_count - ${counts.faces}` });
      return receiptFor(sql, 'subject.delete', subjectName(key), 1, counts, caller);
    });
  }
}

/** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, SUBJECT_MERGED */
export async function readSubject(sql: Sql, key: SubjectKey): Promise<Subject> {
  const [row] = await sql.rowsOf<RowOf<typeof subjects>, Looked>(
    subjects.all,
    `${selectSubjects} WHERE c.tenant = $1 AND c.id = $2 AND s.id = $3`,
    [key.tenant, key.collectionId, key.subjectId],
  );
  return row ?? throwSubjectNotFound(sql, key);
}
