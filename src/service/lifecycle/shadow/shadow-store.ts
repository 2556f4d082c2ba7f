import type { AuditEntry } from '../../access/audit-event.js';
import type { Shadow, ShadowCounts } from './shadow.js';

/**
 * Keeps the candidates in the shadow of the serving model durably, for every replica. Every method may throw Failure
 * DATABASE_UNAVAILABLE.
 */
export interface ShadowStore {
  /** Ends the one that runs, and begins this one's counts anew; with its record in the audit log. */
  start(candidate: string, share: number, audit: AuditEntry): Promise<Shadow>;
  /** @returns the one that ran; undefined where none did */
  stop(audit: Omit<AuditEntry, 'target'>): Promise<Shadow | undefined>;
  running(): Promise<Shadow | undefined>;
  /** Lists the shadows, newest first. */
  list(): Promise<readonly Shadow[]>;
  /** Adds to the counts of a shadow that runs; nothing where it was stopped or begun anew since. */
  add(shadow: Pick<Shadow, 'candidate' | 'startTime'>, counts: ShadowCounts): Promise<void>;
}
