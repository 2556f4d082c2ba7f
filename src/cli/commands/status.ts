import { Command } from 'commander';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { statusLines } from '../report/status-report.js';
import type { Session } from '../session.js';

const EXAMPLES = `
The exit status is 2 where the server is not ready.

Examples:
  symface status
  symface status --json`;

export function statusCommand(session: Session): Command {
  return new Command('status')
    .description('what is wrong and what to do about it; calls, queue, workers, database, jobs, replicas')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ operations }) => {
        const status = await operations.getServiceStatus({});
        const lines = options.json ? [JSON.stringify(status)] : statusLines(status);
        for (const line of lines) session.terminal.out(line);
        return status.ready ? EXIT_OK : EXIT_ERROR;
      });
    });
}
