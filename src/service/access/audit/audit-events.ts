import type { AuditAction, AuditEntry, AuditEvent } from '../audit-event.js';
import type { AuditLog } from './audit-log.js';
import type { PageQuery } from '../../platform/page.js';
import type { Sql } from '../../platform/database/database.js';

interface AuditRow {
  readonly sequence: string;
  readonly time: Date;
  readonly actor: string;
  readonly tenant: string;
  readonly action: AuditAction;
  readonly target: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Records an action; in a transaction, together with what it did. */
export async function recordAuditEvent(sql: Sql, entry: AuditEntry): Promise<void> {
  const { actor, tenant, action, target, details } = entry;
  await sql.rows(
    'INSERT INTO audit_events (actor, tenant, action, target, details) VALUES ($1, $2, $3, $4, $5)',
    [actor, tenant, action, target, details],
  );
}

/** The audit log; the database refuses to change or delete its rows. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly sql: Sql) {}

  async record(entry: AuditEntry): Promise<void> {
    await recordAuditEvent(this.sql, entry);
  }

  async list({ limit, after }: PageQuery): Promise<readonly AuditEvent[]> {
    const rows = await this.sql.rows<AuditRow>(
      `SELECT sequence, time, actor, tenant, action, target, details FROM audit_events
       WHERE $1::bigint IS NULL OR sequence < $1::bigint ORDER BY sequence DESC LIMIT $2`,
      [after ?? null, limit],
    );
    return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
  }
}
