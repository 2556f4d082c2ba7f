import { Command } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import type { Session } from '../session.js';

const NOTES = `
Opens the database that the settings name (docs/configuration.md). "symface serve" does the same when it starts; the
command is for those who change the schema before they start new versions of the service.`;

export function databaseCommand(session: Session): Command {
  return new Command('db')
    .description('the database')
    .addCommand(
      new Command('migrate')
        .description('bring the schema up to date, and check the encryption key')
        .addHelpText('after', NOTES)
        .action(async () => {
          // Loaded here only: the other commands are clients and should start fast.
          const { openStorage } = await import('../../service/platform/open-storage.js');
          const { tables } = await import('../../service/tables.js');
          const { readOfflineConfiguration } =
            await import('../../service/platform/configuration/offline-configuration.js');
          const warn = (message: string): void => {
            session.terminal.err(`symface: ${message}`);
          };
          const { database } = await openStorage(readOfflineConfiguration(), { warn }, tables);
          await database.close();
          session.terminal.out(`The schema is up to date: ${database.description}.`);
          session.exitCode = EXIT_OK;
        }),
    )
    .addHelpText('after', NOTES);
}
