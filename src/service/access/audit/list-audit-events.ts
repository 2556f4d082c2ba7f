import type { AuditEvent } from '../audit-event.js';
import type { AuditLog } from './audit-log.js';
import { type Page, type PageRequest, readPage, sequenceKey } from '../../platform/page.js';

/** Lists what administrators did and what was deleted, newest first. */
export class ListAuditEvents {
  constructor(private readonly log: AuditLog) {}

  /**
   * @param sought what the events' action, target, actor or tenant has in it
   * @throws Failure INVALID_ARGUMENT
   */
  async execute(request: PageRequest, sought: string): Promise<Page<AuditEvent>> {
    return readPage(
      'audit events',
      request,
      (query) => this.log.list(query, sought),
      ({ sequence }) => String(sequence),
      sequenceKey,
    );
  }
}
