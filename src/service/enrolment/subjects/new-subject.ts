import type { NewSubject } from './subject-store.js';
import { type SubjectKey, subjectName } from '../../platform/resource-names.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import type { Sql } from '../../platform/database/database.js';

/** Records who allowed or forbade that a subject's faces train models; in the transaction that does it. */
export async function recordConsent(
  sql: Sql,
  key: SubjectKey,
  actor: string,
  consentToTrain: boolean,
  source: 'stated' | 'collection default',
): Promise<void> {
  const details = { consent_to_train: String(consentToTrain), source };
  const [target, { tenant }] = [subjectName(key), key];
  await recordAuditEvent(sql, { actor, tenant, action: 'subject.consent', target, details });
}

/** @returns its uid; undefined where the collection has the subject already */
export async function insertSubject(
  sql: Sql,
  key: SubjectKey,
  collection: { readonly uid: string; readonly default_consent_to_train: boolean },
  { displayName, consentToTrain }: NewSubject,
  actor: string,
): Promise<string | undefined> {
  const consent = consentToTrain ?? collection.default_consent_to_train;
  const [created] = await sql.rows<{ uid: string }>(
    `INSERT INTO subjects (collection_uid, id, display_name, consent_to_train) VALUES ($1, $2, $3, $4)
     ON CONFLICT (collection_uid, id) DO NOTHING RETURNING uid`,
    [collection.uid, key.subjectId, displayName, consent],
  );
  if (created === undefined) return undefined;
  // Nobody's consent is what a new subject has anyway: only the opposite needs a proof.
  const source = consentToTrain === undefined ? 'collection default' : 'stated';
  if (consent) await recordConsent(sql, key, actor, consent, source);
  return created.uid;
}
