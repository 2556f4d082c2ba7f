import type { Artifact } from './artifact.js';

/**
 * Checkpoints, models and other large files, by names such as `training/7f3a/step-000000100`. Content passes through
 * in pieces: it is never in memory whole. An artifact is there whole or not at all, whenever a writer is killed.
 */
export interface ArtifactStore {
  /**
   * Stores it durably, in place of what had the name before.
   * @throws Failure INVALID_ARGUMENT, STORAGE_FULL, DATABASE_UNAVAILABLE; what the content throws
   */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<Artifact>;
  /**
   * The last piece comes only once the digest of the whole was found right, so damaged content never ends as if whole.
   * @throws Failure ARTIFACT_NOT_FOUND (also where it is replaced meanwhile), ARTIFACT_DAMAGED, DATABASE_UNAVAILABLE
   */
  read(name: string): AsyncIterable<Uint8Array>;
  /** Lists the artifacts whose names begin so, by name. */
  list(prefix: string): Promise<readonly Artifact[]>;
  /**
   * Removes an artifact; does nothing where there is none.
   * @throws Failure INVALID_ARGUMENT, DATABASE_UNAVAILABLE
   */
  remove(name: string): Promise<void>;
}
