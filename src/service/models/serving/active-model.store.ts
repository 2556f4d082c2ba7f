import { In } from 'typeorm';
import type { ModelKind } from '../../../storage/models/model-registry.js';
import type { AuditEntry } from '../../access/audit-event.js';
import { Failure } from '../../../core/failure.js';
import { registeredModels } from '../registry/registered-models.js';
import { table, text, time } from '../../platform/database/table.js';
import { auditEvents, recordAuditEvent } from '../../access/audit/audit-log.js';
import { serviceRequester } from '../../access/caller.js';
import type { Database, Sql, Transaction } from '../../platform/database/database.js';

/** One row a kind. */
export const activeModels = table('active_models', {
  kind: text<ModelKind>().primary(),
  id: text(),
  previousId: text().optional(),
  activateTime: time(),
});

/** On this channel PostgreSQL tells that a model was changed or deleted. */
export const activeModelsChannel = 'symface_active_models';

/**
 * Enrolments share this lock; a change or deletion of models excludes them. A row lock would not do: enrolments that come one
 * after another would share it for ever, and the change would never have its turn.
 */
const backboneLock = 0x53_79_6d_46;

/** The version of a kind that serves. */
export interface ActiveModel {
  readonly id: string;
  /** What served before it. */
  readonly previousId: string | undefined;
  /** When it became the active one. */
  readonly since: Date;
}

/** The models that serve, for every replica. Durable. */
export class ActiveModelStore {
  constructor(private readonly database: Database) {}

  /** The active model of a kind; undefined where none was chosen yet. */
  async active(kind: ModelKind): Promise<ActiveModel | undefined> {
    return activeModel(this.database, kind);
  }

  /** Who made a version the active one last, as the audit log names them. */
  async activatedBy(id: string): Promise<string | undefined> {
    const [event] = await this.database.find(auditEvents, {
      where: { target: `modelVersions/${id}`, action: In(['model.activate', 'model.roll-back']) },
      order: { sequence: 'DESC' },
      take: 1,
    });
    return event?.actor;
  }

  /** Chooses this version where none was chosen before, with its record in the audit log. @returns what is active then */
  async choose(kind: ModelKind, id: string): Promise<ActiveModel> {
    return this.database.transaction(async (sql) => {
      if ((await sql.createUnlessThere(activeModels, { kind, id })) !== undefined)
        await recordAuditEvent(sql, firstChoice(kind, id));
      const chosen = await activeModel(sql, kind);
      if (chosen === undefined) throw new Error(`no ${kind} is active after one was chosen`);
      return chosen;
    });
  }

  /**
   * Makes a version the active one, with its record in the audit log, in one transaction: enrolments wait meanwhile.
   * @param prepare is done first, within the transaction; where it answers false, nothing changes
   * @returns what was active before; undefined where nothing changed
   * @throws Failure MODEL_NOT_FOUND where the version was deleted
   */
  async change(
    kind: ModelKind,
    id: string,
    audit: AuditEntry,
    prepare: (sql: Transaction) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<Pick<ActiveModel, 'previousId'> | undefined> {
    return this.database.transaction(async (sql) => {
      await holdActiveModels(sql);
      const current = await activeModel(sql, kind);
      // A job that was interrupted after its change comes here once more.
      if (current?.id === id) return { previousId: current.previousId };
      if (!(await prepare(sql))) return undefined;
      await setActive(sql, kind, id);
      await recordAuditEvent(sql, audit);
      return { previousId: current?.id };
    });
  }
}

/**
 * Holds the active models until the transaction ends: nothing is enrolled and no other model becomes active or is
 * deleted.
 */
export async function holdActiveModels(sql: Sql): Promise<void> {
  await sql.rows('SELECT pg_advisory_xact_lock($1)', [backboneLock]);
}

/** Versions of any kind that serve, and that served before. */
export async function activeModelIds(
  sql: Sql,
): Promise<{ readonly active: ReadonlySet<string>; readonly before: ReadonlySet<string | undefined> }> {
  const models = await sql.find(activeModels);
  return {
    active: new Set(models.map(({ id }) => id)),
    before: new Set(models.map(({ previousId }) => previousId)),
  };
}

/** Forgets a version that is gone as the one to go back to. */
export async function forgetPrevious(sql: Sql, id: string): Promise<void> {
  await sql.update(activeModels, { previousId: id }, { previousId: undefined });
}

async function activeModel(sql: Sql, kind: ModelKind): Promise<ActiveModel | undefined> {
  const active = await sql.first(activeModels, { where: { kind } });
  return active && { id: active.id, previousId: active.previousId, since: active.activateTime };
}

function firstChoice(kind: ModelKind, id: string): AuditEntry {
  const details = { kind, source: 'default at the first start' };
  return { ...serviceRequester, action: 'model.activate', target: `modelVersions/${id}`, details };
}

/** @throws Failure MODEL_NOT_FOUND where it was deleted since it was looked up */
async function requireNotDeleted(sql: Sql, id: string): Promise<void> {
  const row = await sql.first(registeredModels, { where: { id } });
  if (row?.deleteTime !== undefined) throw new Failure('MODEL_NOT_FOUND', `${id} was deleted.`, { id });
}

/** Whether an enrolment's templates are of the active backbone; it stays so until the transaction ends. */
export async function isActiveBackbone(sql: Sql, modelVersion: string): Promise<boolean> {
  await sql.rows('SELECT pg_advisory_xact_lock_shared($1)', [backboneLock]);
  const active = await activeModel(sql, 'backbone');
  return active === undefined || active.id === modelVersion;
}

async function setActive(sql: Sql, kind: ModelKind, id: string): Promise<void> {
  await requireNotDeleted(sql, id);
  await sql.rows(
    `INSERT INTO active_models (kind, id) VALUES ($1, $2)
     ON CONFLICT (kind) DO UPDATE SET previous_id = active_models.id, id = excluded.id, activate_time = now()
     WHERE active_models.id <> excluded.id`,
    [kind, id],
  );
  await notifyOfModels(sql);
}

/** Has other replicas look at once, when the transaction is committed. */
export async function notifyOfModels(sql: Sql): Promise<void> {
  await sql.rows("SELECT pg_notify($1, '')", [activeModelsChannel]);
}
