import type { AuditEntry, AuditEvent } from '../audit-event.js';
import type { PageQuery } from '../../platform/page.js';

/** The append-only record of what administrators did and of what was deleted. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  /** Lists the newest events first; the page key is the sequence number. */
  list(query: PageQuery): Promise<readonly AuditEvent[]>;
}
