import type { AuditEntry } from '../../access/audit-event.js';

/** What came of a deletion; nothing changed where the version was in use. */
export type ModelDeletionOutcome =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'serving' }
  | { readonly kind: 'previous' }
  | { readonly kind: 'in-shadow' }
  | { readonly kind: 'in-job'; readonly jobId: string };

/**
 * Which model versions were deleted, for every replica: each has copies of its own, which go when it next looks. Durable.
 */
export interface ModelDeletionStore {
  /**
   * Marks a version as deleted, with its record in the audit log, unless it serves or a job that has not ended names it.
   * From then on no change of models can choose it.
   * @param previous whether the version that served before may be deleted; there is none to go back to then
   */
  delete(id: string, previous: 'allowed' | 'refused', audit: AuditEntry): Promise<ModelDeletionOutcome>;
  deletedIds(): Promise<ReadonlySet<string>>;
  /** The version is registered once more. Waits for {@link whileDeleted}. */
  restore(id: string): Promise<void>;
  /** Does the work unless the version was restored; it cannot be meanwhile. */
  whileDeleted(id: string, work: () => Promise<void>): Promise<void>;
}
