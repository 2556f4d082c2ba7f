import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { ByteProgress } from '../byte-progress.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { backupLines, backupSummary } from '../report/backup-report.js';
import type { Session } from '../session.js';

interface RestoreOptions {
  readonly check?: true;
  readonly json?: true;
}

const NOTES = `
Into the empty database that the settings name (docs/configuration.md), embedded or PostgreSQL, whichever the backup is of, while no
service uses it. The encryption key of the backup must be there: SYMFACE_ENCRYPTION_KEY_FILE, SYMFACE_ENCRYPTION_KEY, or the file
encryption.key in the data folder.

--check reads the file, checks every digest and the key, and writes nothing.

Examples:
  symface restore symface.tar --check
  SYMFACE_DATA_DIR=/var/lib/symface-new symface restore symface.tar
  DATABASE_URL=postgres://... SYMFACE_ENCRYPTION_KEY_FILE=key symface restore symface.tar`;

export function restoreCommand(session: Session): Command {
  return new Command('restore')
    .description('restore a service from what "symface backup" wrote')
    .argument('<file>', 'a backup')
    .option('--check', 'check the file and the key, and write nothing')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (file: string, { check, json }: RestoreOptions) => {
      const { terminal } = session;
      const { size } = await stat(file).catch((cause: unknown) => {
        throw new CommandFailure(`Cannot read the backup ${file} (${errorCode(cause)}). Check the path.`, {
          cause,
        });
      });
      // Loaded here only: the other commands are clients and should start fast.
      const { checkOffline, restoreOffline } = await import('../../service/operations/backup/offline.js');
      const { readOfflineConfiguration } =
        await import('../../service/platform/configuration/offline-configuration.js');
      const configuration = readOfflineConfiguration();
      const warn = (message: string): void => {
        terminal.err(`symface: ${message}`);
      };
      const startedAtMs = performance.now();
      const { update } = new ByteProgress(terminal, check ? 'checked' : 'restored');
      const { manifest, description } = check
        ? { manifest: await checkOffline(file, configuration, warn, update), description: undefined }
        : await restoreOffline(file, configuration, warn, update);
      const seconds = Number(((performance.now() - startedAtMs) / 1000).toFixed(3));
      if (json)
        terminal.out(
          JSON.stringify({
            ...backupSummary(manifest, file, size),
            restoredInto: description ?? null,
            seconds,
          }),
        );
      else for (const line of backupLines(manifest, file, size)) terminal.out(line);
      terminal.err(
        description === undefined
          ? `It is whole, and the key is the right one (${seconds} s). Nothing was written.`
          : `Restored into ${description} in ${seconds} s. Start the service: symface serve.`,
      );
      session.exitCode = EXIT_OK;
    });
}
