import type { PageQuery } from '../../platform/page.js';
import type { AuditAction, AuditEntry, AuditEvent } from '../audit-event.js';
import { counter, json, table, text, time } from '../../platform/database/table.js';
import type { Sql, Transaction } from '../../platform/database/database.js';

/** The database refuses to change or delete its rows. */
export const auditEvents = table('audit_events', {
  sequence: counter().generated().primary(),
  time: time(),
  actor: text(),
  tenant: text(),
  action: text<AuditAction>(),
  target: text(),
  details: json<AuditEntry['details']>(),
});

const eventColumns = auditEvents.all;

/** Records an action in the transaction that does it: neither is there without the other. */
export async function recordAuditEvent(transaction: Transaction, entry: AuditEntry): Promise<void> {
  await transaction.insert(auditEvents, entry);
}

/** The append-only record of what administrators did and of what was deleted. */
export class AuditLog {
  constructor(private readonly sql: Sql) {}

  /**
   * Lists the newest events first; the page key is the sequence number.
   * @param sought what the action, target, actor or tenant of an event has in it, in whatever case; all events where it is empty
   */
  async list({ limit, after }: PageQuery, sought = ''): Promise<readonly AuditEvent[]> {
    return this.sql.rowsOf(
      eventColumns,
      `SELECT ${eventColumns.sql()} FROM audit_events
       WHERE ($1::bigint IS NULL OR sequence < $1)
         AND position(lower($2) IN lower(concat_ws(' ', action, target, actor, tenant))) > 0
       ORDER BY sequence DESC LIMIT $3`,
      [after ?? null, sought, limit],
    );
  }
}
