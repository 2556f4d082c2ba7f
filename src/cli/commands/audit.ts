import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { AuditEvent__Output } from '../../generated/symface/v1/AuditEvent.js';
import { EXIT_OK } from '../exit-code.js';
import { positiveInteger, type Session } from '../session.js';

const EXAMPLES = `
Example:
  symface audit --limit 20 --json`;

export function auditCommand(session: Session): Command {
  return new Command('audit')
    .description('what administrators did and what was deleted, newest first')
    .option('--limit <count>', 'events to show', positiveInteger, 50)
    .option('--json', 'print one JSON object an event')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly limit: number; readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ admin }) => {
        let shown = 0;
        for await (const event of paginate(admin.listAuditEvents, {})) {
          if (shown++ === options.limit) break;
          session.terminal.out(options.json ? JSON.stringify(event) : eventLine(event));
        }
        return EXIT_OK;
      });
    });
}

function eventLine({ time, actor, tenant, action, target, details }: AuditEvent__Output): string {
  const more = Object.entries(details).map(([name, value]) => `${name}=${value}`);
  return [time, action, target, `by ${actor} (tenant ${tenant})`, ...more].join('  ');
}
