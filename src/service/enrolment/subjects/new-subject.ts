import { type SubjectKey, subjectName } from '../../platform/resource-names.js';
import type { RowOf } from '../../platform/database/table.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Transaction } from '../../platform/database/database.js';
import { type collections, subjects } from '../enrolment-tables.js';

export interface NewSubject {
  readonly displayName: string;
  /** The collection's default where undefined. */
  readonly consentToTrain: boolean | undefined;
}

/** Records who allowed or forbade that a subject's faces train models; in the transaction that does it. */
export async function recordConsent(
  sql: Transaction,
  key: SubjectKey,
  actor: string,
  consentToTrain: boolean,
  source: 'stated' | 'collection default' | 'merge',
): Promise<void> {
  const details = { consent_to_train: String(consentToTrain), source };
  const [target, { tenant }] = [subjectName(key), key];
  await recordAuditEvent(sql, { actor, tenant, action: 'subject.consent', target, details });
}

/** @returns its uid; undefined where the collection has the subject already */
export async function insertSubject(
  sql: Transaction,
  key: SubjectKey,
  collection: RowOf<typeof collections>,
  { displayName, consentToTrain }: NewSubject,
  actor: string,
): Promise<string | undefined> {
  const consent = consentToTrain ?? collection.defaultConsentToTrain;
  const created = await sql.createUnlessThere(subjects, {
    collectionUid: collection.uid,
    id: key.subjectId,
    displayName,
    consentToTrain: consent,
  });
  if (created === undefined) return undefined;
  // Nobody's consent is what a new subject has anyway: only the opposite needs a proof.
  const source = consentToTrain === undefined ? 'collection default' : 'stated';
  if (consent) await recordConsent(sql, key, actor, consent, source);
  return created.uid;
}
