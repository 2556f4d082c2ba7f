import type { ShadowStore } from './shadow-store.js';
import type { AuditEntry } from '../../access/audit-event.js';
import { addCounts, noShadowCounts, type Shadow, type ShadowCounts } from './shadow.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import type { Database, Sql } from '../../platform/database/database.js';

interface ShadowRow {
  readonly model_version: string;
  readonly share: number;
  readonly start_time: Date;
  readonly stop_time: Date | null;
  readonly counts: ShadowCounts;
}

const columns = 'model_version, share, start_time, stop_time, counts';
/** Two that begin at once must not both find that none runs. */
const shadowLock = 0x53_79_6d_53;

/** Shadows in a table with a row a candidate. */
export class PostgresShadowStore implements ShadowStore {
  constructor(private readonly database: Database) {}

  async start(candidate: string, share: number, audit: AuditEntry): Promise<Shadow> {
    return this.database.transaction(async (sql) => {
      await sql.rows('SELECT pg_advisory_xact_lock($1)', [shadowLock]);
      await stopRunning(sql);
      const [row] = await sql.rows<ShadowRow>(
        `INSERT INTO shadows (model_version, share, counts) VALUES ($1, $2, $3)
         ON CONFLICT (model_version) DO UPDATE SET share = excluded.share, counts = excluded.counts,
           start_time = greatest(now(), shadows.start_time + interval '1 millisecond'), stop_time = NULL
         RETURNING ${columns}`,
        [candidate, share, noShadowCounts],
      );
      if (row === undefined) throw new Error('the database answered no row for a shadow');
      await recordAuditEvent(sql, audit);
      return toShadow(row);
    });
  }

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
    const [row] = await this.database.rows<ShadowRow>(
      `SELECT ${columns} FROM shadows WHERE stop_time IS NULL
         AND model_version NOT IN (SELECT model_version FROM active_models)`,
    );
    return row && toShadow(row);
  }

  async list(): Promise<readonly Shadow[]> {
    const rows = await this.database.rows<ShadowRow>(
      `SELECT ${columns} FROM shadows ORDER BY start_time DESC, model_version`,
    );
    return rows.map(toShadow);
  }

  async add(
    { candidate, startTime }: Pick<Shadow, 'candidate' | 'startTime'>,
    counts: ShadowCounts,
  ): Promise<void> {
    await this.database.transaction(async (sql) => {
      const [row] = await sql.rows<Pick<ShadowRow, 'counts'>>(
        `SELECT counts FROM shadows WHERE model_version = $1 AND start_time = $2 AND stop_time IS NULL FOR UPDATE`,
        [candidate, startTime],
      );
      if (row === undefined) return;
      const sum = addCounts(row.counts, counts);
      await sql.rows('UPDATE shadows SET counts = $2 WHERE model_version = $1', [candidate, sum]);
    });
  }
}

async function stopRunning(sql: Sql): Promise<Shadow | undefined> {
  const [row] = await sql.rows<ShadowRow>(
    `UPDATE shadows SET stop_time = now() WHERE stop_time IS NULL RETURNING ${columns}`,
  );
  return row && toShadow(row);
}

function toShadow(row: ShadowRow): Shadow {
  return {
    candidate: row.model_version,
    share: row.share,
    startTime: row.start_time,
    stopTime: row.stop_time ?? undefined,
    counts: row.counts,
  };
}
