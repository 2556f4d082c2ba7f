import type { AuditEntry, AuditEvent } from '../../domain/access/audit-event.js';
import type { PageQuery } from './page.js';

/** What administrators did and what was deleted. Append-only. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  /** Newest first; the page key is the sequence number. */
  list(query: PageQuery): Promise<readonly AuditEvent[]>;
}
