import { IsNull } from 'typeorm';
import type { AuditEntry } from '../../access/audit-event.js';
import { addCounts, noShadowCounts, type Shadow, type ShadowCounts } from './shadow.js';
import { json, moment, real, table, text, time } from '../../platform/database/table.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database, Transaction } from '../../platform/database/database.js';

/** One row a candidate. */
export const shadows = table('shadows', {
  candidate: text().primary(),
  share: real(),
  startTime: time(),
  stopTime: moment().optional(),
  counts: json<ShadowCounts>(),
});

/** Two that begin at once must not both find that none runs. */
const shadowLock = 0x53_79_6d_53;

/**
 * Keeps the candidates in the shadow of the serving model durably, for every replica. Every method may throw Failure
 * DATABASE_UNAVAILABLE.
 */
export class ShadowStore {
  constructor(private readonly database: Database) {}

  /** Ends the one that runs, and begins this one's counts anew; with its record in the audit log. */
  async start(candidate: string, share: number, audit: AuditEntry): Promise<Shadow> {
    return this.database.transaction(async (sql) => {
      await sql.rows('SELECT pg_advisory_xact_lock($1)', [shadowLock]);
      await stopRunning(sql);
      const [shadow] = await sql.rowsOf(
        shadows.all,
        `INSERT INTO shadows (candidate, share, counts) VALUES ($1, $2, $3)
         ON CONFLICT (candidate) DO UPDATE SET share = excluded.share, counts = excluded.counts,
           start_time = greatest(now(), shadows.start_time + interval '1 millisecond'), stop_time = NULL
         RETURNING ${shadows.all.sql()}`,
        [candidate, share, noShadowCounts],
      );
      if (shadow === undefined) throw new Error('the database answered no row for a shadow');
      await recordAuditEvent(sql, audit);
      return shadow;
    });
  }

  /** @returns the one that ran; undefined where none did */
  async stop(audit: Omit<AuditEntry, 'target'>): Promise<Shadow | undefined> {
    return this.database.transaction(async (sql) => {
      const stopped = await stopRunning(sql);
      if (stopped === undefined) return undefined;
      await recordAuditEvent(sql, { ...audit, target: `modelVersions/${stopped.candidate}` });
      return stopped;
    });
  }

  /** One that has come to serve is compared with nothing any more. */
  async running(): Promise<Shadow | undefined> {
    const [shadow] = await this.database.rowsOf(
      shadows.all,
      `SELECT ${shadows.all.sql()} FROM shadows WHERE stop_time IS NULL
         AND candidate NOT IN (SELECT id FROM active_models)`,
    );
    return shadow;
  }

  /** Lists the shadows, newest first. */
  async list(): Promise<readonly Shadow[]> {
    return this.database.find(shadows, { order: { startTime: 'DESC', candidate: 'ASC' } });
  }

  /** Adds to the counts of a shadow that runs; nothing where it was stopped or begun anew since. */
  async add(
    { candidate, startTime }: Pick<Shadow, 'candidate' | 'startTime'>,
    counts: ShadowCounts,
  ): Promise<void> {
    await this.database.transaction(async (sql) => {
      const running = await sql.first(shadows, {
        where: { candidate, startTime, stopTime: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      if (running === undefined) return;
      await sql.update(shadows, { candidate }, { counts: addCounts(running.counts, counts) });
    });
  }
}

async function stopRunning(sql: Transaction): Promise<Shadow | undefined> {
  const [stopped] = await sql.update(shadows, { stopTime: IsNull() }, { stopTime: () => 'now()' });
  return stopped;
}
