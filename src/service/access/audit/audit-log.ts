import type { AuditEntry, AuditEvent } from '../audit-event.js';
import type { PageQuery } from '../../platform/page.js';

/** What administrators did and what was deleted. Append-only. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  /** Newest first; the page key is the sequence number. */
  list(query: PageQuery): Promise<readonly AuditEvent[]>;
}
