import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { leaveSignalsToParent } from '../../../core/concurrency/process-signals.js';
import { toRecord } from '../../../core/failure-record.js';
import { MasterKey } from '../../../storage/encryption/master-key.js';
import { ModelFiles } from '../../../storage/models/model-files.js';
import { artifactStoreOf } from '../../platform/artifacts/artifact-store-of.js';
import { Database } from '../../platform/database/database.js';
import { connectDatabase } from '../../platform/database/open-database.js';
import { tables } from '../../tables.js';
import { BackupKey } from './backup-key.js';
import type { EmbeddedBackupEnd, EmbeddedBackupOrder } from './embedded-backup-protocol.js';
import { writeBackup } from './write-backup.js';

/** A process that reads a copy of the embedded database: PGlite answers without letting an event loop go on. */
async function backUp({
  dataFolder,
  artifactStore,
  copyFolder,
  masterKey,
}: EmbeddedBackupOrder): Promise<void> {
  const settings = { databaseUrl: undefined, dataFolder: copyFolder };
  const { dataSource, description, closeStorage, folder } = await connectDatabase(settings, tables);
  const database = new Database(dataSource, description, closeStorage, folder);
  const source = {
    database,
    artifacts: artifactStoreOf({ artifactStore, dataFolder }, database),
    models: new ModelFiles(dataFolder),
    key: new BackupKey(new MasterKey(masterKey)),
  };
  // The gateway kills this process where the client has left.
  const content = writeBackup(source, new AbortController().signal);
  await pipeline(Readable.from(content), process.stdout);
}

function tell(end: EmbeddedBackupEnd): void {
  process.send?.(end, () => process.exit());
}

process.once('disconnect', () => process.exit());
leaveSignalsToParent();
const [order] = (await once(process, 'message')) as [EmbeddedBackupOrder];
await backUp(order).then(
  () => {
    tell({ type: 'written' });
  },
  (error: unknown) => {
    tell({ type: 'failed', error: toRecord(error) });
  },
);
