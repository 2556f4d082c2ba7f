import { Failure } from '../../../core/failure.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { MasterKey } from '../../../storage/encryption/master-key.js';
import { ModelFiles } from '../../../storage/models/model-files.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Requester } from '../../access/caller.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import type { Database } from '../../platform/database/database.js';
import { BackupKey } from './backup-key.js';
import { embeddedBackup, removeLeftCopies } from './embedded-backup.js';
import { writeBackup } from './write-backup.js';

interface CreateBackupParts {
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly masterKey: MasterKey;
  readonly configuration: Pick<Configuration, 'dataFolder' | 'artifactStore'>;
}

/** Backs up all that the service keeps, beside its calls. */
export class CreateBackup {
  private isRunning = false;

  constructor(private readonly parts: CreateBackupParts) {}

  /**
   * The file in pieces, as fast as they are taken.
   * @param requester recorded in the audit log
   * @param signal ends it
   * @throws Failure BACKUP_IN_PROGRESS, STORAGE_FULL, DATABASE_UNAVAILABLE; the signal's reason
   */
  async *execute({ actor, tenant }: Requester, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (this.isRunning) {
      const message = 'This gateway makes a backup already. Wait for its end; one at a time is enough.';
      throw new Failure('BACKUP_IN_PROGRESS', message);
    }
    this.isRunning = true;
    try {
      await this.parts.database.transaction(async (sql) => {
        await recordAuditEvent(sql, {
          actor,
          tenant,
          action: 'backup.create',
          target: 'backups',
          details: {},
        });
      });
      yield* this.content(signal);
    } finally {
      this.isRunning = false;
    }
  }

  /** Removes what a gateway that was killed in a backup has left. */
  async removeLeft(): Promise<void> {
    const { database, configuration } = this.parts;
    if (isEmbedded(database)) await removeLeftCopies(configuration.dataFolder);
  }

  private content(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { database, artifacts, masterKey, configuration } = this.parts;
    if (isEmbedded(database)) return embeddedBackup({ database, configuration, masterKey }, signal);
    const models = new ModelFiles(configuration.dataFolder);
    return writeBackup({ database, artifacts, models, key: new BackupKey(masterKey) }, signal);
  }
}

function isEmbedded(database: Database): database is Database & { readonly folder: string } {
  return database.folder !== undefined;
}
