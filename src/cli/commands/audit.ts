import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { AuditEvent__Output } from '../../generated/symface/v1/AuditEvent.js';
import { EXIT_OK } from '../exit-code.js';
import { positiveInteger, type Session } from '../session.js';

const EXAMPLES = `
Examples:
  symface audit --limit 20 --json
  symface audit face.delete`;

interface AuditOptions {
  readonly limit: number;
  readonly json?: true;
}

export function auditCommand(session: Session): Command {
  return new Command('audit')
    .description('what administrators did and what was deleted, newest first')
    .argument('[query]', 'only events whose action, target, actor or tenant has this in it')
    .option('--limit <count>', 'events to show', positiveInteger, 50)
    .option('--json', 'print one JSON object an event')
    .addHelpText('after', EXAMPLES)
    .action(async (query: string | undefined, options: AuditOptions, command: Command) => {
      await session.callServer(command, async ({ admin }) => {
        let shown = 0;
        for await (const event of paginate(admin.listAuditEvents, { query: query ?? '' })) {
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
