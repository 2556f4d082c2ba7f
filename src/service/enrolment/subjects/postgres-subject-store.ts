import type { PageQuery } from '../../platform/page.js';
import type { NewSubject, SubjectChanges, SubjectStore } from './subject-store.js';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt, Subject } from '../collection.js';
import { type CollectionKey, type SubjectKey, subjectName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import type { Database, Sql } from '../../platform/database/database.js';
import { countFaces, markDeleted, nextRevision, receiptFor } from '../faces/deletions.js';
import { collectionNotFound, collectionUid, subjectUids, throwSubjectNotFound } from '../faces/lookups.js';
import { insertSubject, recordConsent } from './new-subject.js';

interface SubjectRow {
  readonly collection_id: string;
  readonly id: string;
  readonly display_name: string;
  readonly consent_to_train: boolean;
  readonly create_time: Date;
  readonly update_time: Date;
  readonly face_count: string;
}

const selectSubjects = `
  SELECT c.id AS collection_id, s.id, s.display_name, s.consent_to_train, s.create_time, s.update_time,
    (SELECT count(*) FROM faces f WHERE f.subject_uid = s.uid) AS face_count
  FROM subjects s JOIN collections c ON c.uid = s.collection_uid`;

export class PostgresSubjectStore implements SubjectStore {
  constructor(private readonly database: Database) {}

  async create(key: SubjectKey, subject: NewSubject, { actor }: Caller): Promise<Subject> {
    return this.database.transaction(async (sql) => {
      // Every change of a collection takes its row first, so that changes wait for each other and never in a circle.
      const [collection] = await sql.rows<{ uid: string; default_consent_to_train: boolean }>(
        `UPDATE collections SET subject_count = subject_count + 1 WHERE tenant = $1 AND id = $2
         RETURNING uid, default_consent_to_train`,
        [key.tenant, key.collectionId],
      );
      if (collection === undefined) throw collectionNotFound(key);
      if ((await insertSubject(sql, key, collection, subject, actor)) === undefined) {
        const name = subjectName(key);
        throw new Failure('SUBJECT_ALREADY_EXISTS', `${name} is there already.`, { name });
      }
      return read(sql, key);
    });
  }

  async get(key: SubjectKey): Promise<Subject> {
    return read(this.database, key);
  }

  async list(key: CollectionKey, { limit, after }: PageQuery): Promise<readonly Subject[]> {
    const uid = await collectionUid(this.database, key);
    const rows = await this.database.rows<SubjectRow>(
      `${selectSubjects} WHERE s.collection_uid = $1 AND ($2::text IS NULL OR s.id > $2) ORDER BY s.id LIMIT $3`,
      [uid, after ?? null, limit],
    );
    return rows.map(toSubject);
  }

  async update(key: SubjectKey, changes: SubjectChanges, { actor }: Caller): Promise<Subject> {
    const { displayName, consentToTrain } = changes;
    return this.database.transaction(async (sql) => {
      const { subjectUid } = await subjectUids(sql, key);
      await sql.rows(
        `UPDATE subjects SET display_name = coalesce($2, display_name),
           consent_to_train = coalesce($3, consent_to_train), update_time = now() WHERE uid = $1`,
        [subjectUid, displayName ?? null, consentToTrain ?? null],
      );
      if (consentToTrain !== undefined) {
        await recordConsent(sql, key, actor, consentToTrain, 'stated');
      }
      return read(sql, key);
    });
  }

  async delete(key: SubjectKey, caller: Caller): Promise<DeletionReceipt> {
    return this.database.transaction(async (sql) => {
      const { collectionUid: uid } = await subjectUids(sql, key);
      const revision = await nextRevision(sql, uid, { subjects: -1, faces: 0 });
      // Again, now that nothing else changes the collection.
      const { subjectUid } = await subjectUids(sql, key);
      const counts = await countFaces(sql, 'subject_uid', subjectUid);
      await markDeleted(sql, 'subject_uid', subjectUid, revision);
      await sql.rows('DELETE FROM subjects WHERE uid = $1', [subjectUid]);
      await sql.rows('UPDATE collections SET face_count = face_count - $2 WHERE uid = $1', [
        uid,
        counts.faces,
      ]);
      return receiptFor(sql, 'subject.delete', subjectName(key), 1, counts, caller);
    });
  }
}

async function read(sql: Sql, key: SubjectKey): Promise<Subject> {
  const [row] = await sql.rows<SubjectRow>(
    `${selectSubjects} WHERE c.tenant = $1 AND c.id = $2 AND s.id = $3`,
    [key.tenant, key.collectionId, key.subjectId],
  );
  return row === undefined ? throwSubjectNotFound(sql, key) : toSubject(row);
}

function toSubject(row: SubjectRow): Subject {
  return {
    collectionId: row.collection_id,
    id: row.id,
    displayName: row.display_name,
    consentToTrain: row.consent_to_train,
    createTime: row.create_time,
    updateTime: row.update_time,
    faceCount: Number(row.face_count),
  };
}
