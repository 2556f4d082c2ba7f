import { Command } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { statusLines } from '../report/status-report.js';
import type { Session } from '../session.js';

const EXAMPLES = `
The exit status is 2 where the server is not ready.

Examples:
  symface status
  symface status --json`;

const WHERE_NOTHING_IS_SAID =
  'symface: "curl localhost:50052/readyz" (SYMFACE_HTTP_PORT) asks the gateway without a key, and its log says more. In docs/runbook.md ' +
  'see SymfaceDown where none answers, SymfaceDatabaseDown after DATABASE_UNAVAILABLE.';

export function statusCommand(session: Session): Command {
  return new Command('status')
    .description('what is wrong and what to do about it; calls, queue, workers, database, jobs, replicas')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly json?: true }, command: Command) => {
      const call = { hasSaidNothing: false };
      await session.callServer(command, async ({ operations }) => {
        const status = await operations.getServiceStatus({}).catch((error: unknown) => {
          call.hasSaidNothing = isOutage(error);
          throw error;
        });
        const lines = options.json ? [JSON.stringify(status)] : statusLines(status);
        for (const line of lines) session.terminal.out(line);
        return status.ready ? EXIT_OK : EXIT_ERROR;
      });
      if (call.hasSaidNothing) session.terminal.err(WHERE_NOTHING_IS_SAID);
    });
}

/** Whether no gateway answers, or none that can say how it does; who has no key is told what to send. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof RemoteFailure)) return false;
  const { reason, codeName } = error;
  return reason === 'DATABASE_UNAVAILABLE' || (reason === undefined && codeName !== 'UNIMPLEMENTED');
}
