import { IsNull } from 'typeorm';
import type { ModelDeletionOutcome, ModelDeletionStore } from './model-deletion-store.js';
import type { AuditEntry } from '../../access/audit-event.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import { shadows } from '../../lifecycle/shadow/postgres-shadow-store.js';
import type { Database, Sql } from '../../platform/database/database.js';
import {
  activeModelIds,
  forgetPrevious,
  holdActiveModels,
  notifyOfModels,
} from '../serving/postgres-active-model-store.js';

/** Of the files of deleted versions: they are not registered once more while they are removed. */
const filesLock = 0x53_79_6d_44;

/** Deleted versions in a table with a row each. */
export class PostgresModelDeletionStore implements ModelDeletionStore {
  constructor(private readonly database: Database) {}

  async delete(
    id: string,
    previous: 'allowed' | 'refused',
    audit: AuditEntry,
  ): Promise<ModelDeletionOutcome> {
    return this.database.transaction(async (sql) => {
      await holdActiveModels(sql);
      const use = await useOf(sql, id, previous);
      if (use !== undefined) return use;
      await forgetPrevious(sql, id);
      await sql.rows('INSERT INTO deleted_models (model_version) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
      await recordAuditEvent(sql, audit);
      await notifyOfModels(sql);
      return { kind: 'deleted' };
    });
  }

  async deletedIds(): Promise<ReadonlySet<string>> {
    const rows = await this.database.rows<{ model_version: string }>(
      'SELECT model_version FROM deleted_models',
    );
    return new Set(rows.map((row) => row.model_version));
  }

  async restore(id: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.rows('SELECT pg_advisory_xact_lock($1)', [filesLock]);
      await sql.rows('DELETE FROM deleted_models WHERE model_version = $1', [id]);
    });
  }

  async whileDeleted(id: string, work: () => Promise<void>): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.rows('SELECT pg_advisory_xact_lock($1)', [filesLock]);
      const rows = await sql.rows('SELECT 1 FROM deleted_models WHERE model_version = $1', [id]);
      if (rows.length > 0) await work();
    });
  }
}

async function useOf(
  sql: Sql,
  id: string,
  previous: 'allowed' | 'refused',
): Promise<ModelDeletionOutcome | undefined> {
  const { active, before } = await activeModelIds(sql);
  if (active.has(id)) return { kind: 'serving' };
  if (previous === 'refused' && before.has(id)) return { kind: 'previous' };
  const running = await sql.first(shadows, { where: { candidate: id, stopTime: IsNull() } });
  if (running !== undefined) return { kind: 'in-shadow' };
  const [job] = await sql.rows<{ id: string }>(
    // What each kind of job calls its versions differs; an id is in no other text of theirs.
    `SELECT id FROM jobs WHERE end_time IS NULL AND position(to_jsonb($1::text)::text IN input::text) > 0 LIMIT 1`,
    [id],
  );
  return job && { kind: 'in-job', jobId: job.id };
}
