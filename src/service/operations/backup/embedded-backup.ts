import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../core/failure.js';
import { fromRecord } from '../../../core/failure-record.js';
import type { MasterKey } from '../../../storage/encryption/master-key.js';
import type { Configuration } from '../../platform/configuration/configuration.js';
import { copyEmbedded } from '../../platform/database/copy-embedded.js';
import type { Database } from '../../platform/database/database.js';
import type { EmbeddedBackupEnd, EmbeddedBackupOrder } from './embedded-backup-protocol.js';

const entryPoint = fileURLToPath(new URL('./embedded-backup-worker.js', import.meta.url));
const copyPrefix = 'backup-copy-';

interface EmbeddedBackupSettings {
  readonly database: Database & { readonly folder: string };
  readonly configuration: Pick<Configuration, 'dataFolder' | 'artifactStore'>;
  readonly masterKey: MasterKey;
}

/**
 * The backup of the embedded database beside the service that has it open: its files are copied into the data folder, and
 * another process reads the copy.
 * @throws Failure STORAGE_FULL, WORKER_LOST; the signal's reason
 */
export async function* embeddedBackup(
  { database, configuration, masterKey }: EmbeddedBackupSettings,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { dataFolder, artifactStore } = configuration;
  await removeLeftCopies(dataFolder);
  const copyFolder = join(dataFolder, `${copyPrefix}${randomUUID()}`);
  try {
    await copyEmbedded(database, join(copyFolder, 'database'));
    signal.throwIfAborted();
    yield* outputOf({ dataFolder, artifactStore, copyFolder, masterKey: masterKey.key }, signal);
  } finally {
    await rm(copyFolder, { recursive: true, force: true });
  }
}

/** Removes what a gateway that was killed has left: a copy of the database keeps faces that were deleted since. */
export async function removeLeftCopies(dataFolder: string): Promise<void> {
  const left = (await readdir(dataFolder)).filter((name) => name.startsWith(copyPrefix));
  for (const name of left) await rm(join(dataFolder, name), { recursive: true, force: true });
}

async function* outputOf(order: EmbeddedBackupOrder, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const child = fork(entryPoint, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    execArgv: [],
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', kill);
  const ended = endOf(child);
  // It is awaited below; where the reader has left before, nobody asks.
  ended.catch(() => undefined);
  try {
    child.send(order, () => undefined);
    yield* outputStream(child);
    signal.throwIfAborted();
    await ended;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** It is there, since the process was started with a pipe. */
function outputStream({ stdout }: ChildProcess): Readable {
  if (stdout === null) throw new Error('the process has no output');
  return stdout;
}

async function endOf(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      reject(new Failure('WORKER_LOST', 'The process that read the database ended before the backup did.'));
    });
    child.on('message', (end: EmbeddedBackupEnd) => {
      if (end.type === 'written') resolve();
      else reject(fromRecord(end.error));
    });
  });
}
