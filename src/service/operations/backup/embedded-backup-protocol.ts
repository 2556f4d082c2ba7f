import type { FailureRecord } from '../../../core/failure-record.js';
import type { Configuration } from '../../platform/configuration/configuration.js';

/** What the process is asked for: the backup of a copied database, on its standard output. */
export interface EmbeddedBackupOrder {
  /** The data folder of the service: its models and artifacts. */
  readonly dataFolder: string;
  readonly artifactStore: Configuration['artifactStore'];
  /** A data folder that has nothing but the copy of the database. */
  readonly copyFolder: string;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
}

/** How it ended. */
export type EmbeddedBackupEnd =
  { readonly type: 'written' } | { readonly type: 'failed'; readonly error: FailureRecord };
