import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import type { BackupManifest } from '../../service/operations/backup/backup-format.js';
import { writeWhole } from '../backup-file.js';
import { ByteProgress } from '../byte-progress.js';
import { EXIT_OK } from '../exit-code.js';
import { interruptible } from '../interruption.js';
import { backupLines, backupSummary } from '../report/backup-report.js';
import type { Session } from '../session.js';

interface BackupOptions {
  readonly offline?: true;
  readonly json?: true;
}

const NOTES = `
One file with all that the service keeps: faces, subjects, collections, keys, jobs, models, calibrations, the audit log, artifacts.
It is of one moment, holds up nobody, and is there whole or not at all. "symface restore" reads it, with either database.

The encryption key is not in it, and without the key no face in it can be read: keep the key file too, at another place.

--offline opens the database that the settings name (docs/configuration.md); with the embedded database while the service
is stopped. It takes the schema as it is: so one backs up before an upgrade with the new version, too.

Examples:
  symface backup symface-$(date +%F).tar
  SYMFACE_DATA_DIR=/var/lib/symface symface backup symface.tar --offline
  symface restore symface.tar --check`;

export function backupCommand(session: Session): Command {
  return new Command('backup')
    .description('write all that the service keeps into one file')
    .argument('<file>', 'that is not there yet')
    .option('--offline', 'from the database itself, without a running service')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (file: string, options: BackupOptions, command: Command) => {
      await interruptible(async (signal) => {
        if (options.offline) {
          await write(session, file, options, await offlineContent(session, signal));
          session.exitCode = EXIT_OK;
          return;
        }
        await session.callServer(command, async ({ operations }) => {
          await write(session, file, options, chunksOf(operations.backup({}, { signal })));
          return EXIT_OK;
        });
      });
    });
}

async function* chunksOf(
  responses: AsyncIterable<{ readonly chunk: Uint8Array }>,
): AsyncGenerator<Uint8Array> {
  for await (const { chunk } of responses) yield chunk;
}

async function offlineContent(session: Session, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  // Loaded here only: a client should start fast.
  const { backUpOffline } = await import('../../service/operations/backup/offline.js');
  const { readOfflineConfiguration } =
    await import('../../service/platform/configuration/offline-configuration.js');
  const warn = (message: string): void => {
    session.terminal.err(`symface: ${message}`);
  };
  return backUpOffline(readOfflineConfiguration(), warn, signal);
}

async function write(
  { terminal }: Session,
  file: string,
  { json }: BackupOptions,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const startedAtMs = performance.now();
  const { checkBackup } = await import('../../service/operations/backup/read-backup.js');
  const progress = new ByteProgress(terminal, 'written');
  const manifest: BackupManifest = await writeWhole(file, counted(content, progress), async (incoming) =>
    checkBackup(incoming, undefined, new ByteProgress(terminal, 'checked').update),
  );
  const { size } = await stat(file);
  const seconds = (performance.now() - startedAtMs) / 1000;
  if (json) {
    terminal.out(
      JSON.stringify({ ...backupSummary(manifest, file, size), seconds: Number(seconds.toFixed(3)) }),
    );
    return;
  }
  for (const line of backupLines(manifest, file, size)) terminal.out(line);
  terminal.err(`Written and checked in ${seconds.toFixed(1)} s.`);
  terminal.err(
    `Keep the encryption key ${manifest.keyFingerprint} as well, at another place: it is the file of SYMFACE_ENCRYPTION_KEY_FILE, ` +
      "else encryption.key in the service's data folder. Without it no face in the backup can be read.",
  );
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  progress: ByteProgress,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    yield piece;
    bytes += piece.length;
    progress.update(bytes);
  }
}
