import { LessThan } from 'typeorm';
import type { AuditLog } from './audit-log.js';
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

/** Records an action in the transaction that does it: neither is there without the other. */
export async function recordAuditEvent(transaction: Transaction, entry: AuditEntry): Promise<void> {
  await transaction.insert(auditEvents, entry);
}

/** What was recorded. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly sql: Sql) {}

  async record(entry: AuditEntry): Promise<void> {
    await this.sql.transaction(async (transaction) => recordAuditEvent(transaction, entry));
  }

  async list({ limit, after }: PageQuery): Promise<readonly AuditEvent[]> {
    return this.sql.find(auditEvents, {
      ...(after !== undefined && { where: { sequence: LessThan(Number(after)) } }),
      order: { sequence: 'DESC' },
      take: limit,
    });
  }
}
