import { IsNull } from 'typeorm';
import { Failure } from '../../../core/failure.js';
import type { AuditEntry } from '../../access/audit-event.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import { namesModel } from '../../jobs/job-rows.js';
import { registeredModels } from '../../models/registry/registered-models.js';
import {
  activeModelIds,
  forgetPrevious,
  holdActiveModels,
  notifyOfModels,
} from '../../models/serving/active-model.store.js';
import type { Database, Sql } from '../../platform/database/database.js';
import { shadows } from '../shadow/shadow.store.js';

/** What came of a deletion; nothing changed where the version was in use. */
export type ModelDeletionStatus =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'serving' }
  | { readonly kind: 'previous' }
  | { readonly kind: 'in-shadow' }
  | { readonly kind: 'only-templates'; readonly faceCount: number }
  | { readonly kind: 'in-job'; readonly jobId: string };

/**
 * Marks a version as deleted, with its record in the audit log, unless it serves or a job that has not ended names it.
 * From then on no change of models can choose it, and each replica removes its files when it next looks.
 * @param previous whether the version that served before may be deleted; there is none to go back to then
 * @throws Failure MODEL_NOT_FOUND where another one was faster
 */
export async function markDeleted(
  database: Database,
  id: string,
  previous: 'allowed' | 'refused',
  audit: AuditEntry,
): Promise<ModelDeletionStatus> {
  return database.transaction(async (sql) => {
    await holdActiveModels(sql);
    const use = await useOf(sql, id, previous);
    if (use !== undefined) return use;
    await forgetPrevious(sql, id);
    const live = { id, deleteTime: IsNull() };
    const deleted = await sql.update(registeredModels, live, { deleteTime: () => 'now()' });
    if (deleted.length === 0) throw new Failure('MODEL_NOT_FOUND', `${id} was deleted already.`, { id });
    await recordAuditEvent(sql, audit);
    await notifyOfModels(sql);
    return { kind: 'deleted' };
  });
}

async function useOf(
  sql: Sql,
  id: string,
  previous: 'allowed' | 'refused',
): Promise<ModelDeletionStatus | undefined> {
  const { active, before } = await activeModelIds(sql);
  if (active.has(id)) return { kind: 'serving' };
  if (previous === 'refused' && before.has(id)) return { kind: 'previous' };
  const running = await sql.first(shadows, { where: { candidate: id, stopTime: IsNull() } });
  if (running !== undefined) return { kind: 'in-shadow' };
  const [job] = await sql.rows<{ id: string }>(
    `SELECT id FROM jobs WHERE end_time IS NULL AND ${namesModel('$1')} LIMIT 1`,
    [id],
  );
  if (job !== undefined) return { kind: 'in-job', jobId: job.id };
  const faceCount = await facesOfNoOther(sql, id);
  return faceCount === 0 ? undefined : { kind: 'only-templates', faceCount };
}

/** Faces that were enrolled by an embedding of this version: no other can ever have a template of them. */
async function facesOfNoOther(sql: Sql, id: string): Promise<number> {
  const [row] = await sql.rows<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM templates t JOIN faces f ON f.id = t.face_id
     WHERE t.model_version = $1 AND f.sealed_crop IS NULL`,
    [id],
  );
  return row?.count ?? 0;
}
