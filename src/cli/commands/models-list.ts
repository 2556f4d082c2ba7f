import { Command, Option } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { modelJson, modelTable } from '../report/model-report.js';
import type { Session } from '../session.js';

interface ListOptions {
  readonly json?: true;
  readonly kind?: keyof typeof KINDS;
}

const KINDS = { backbone: 'MODEL_KIND_BACKBONE', detector: 'MODEL_KIND_DETECTOR' } as const;

const EXAMPLES = `
Examples:
  symface models list
  symface models list --kind detector --json`;

export function listModelsCommand(session: Session): Command {
  return new Command('list')
    .description('list the model versions; * marks those that serve')
    .option('--json', 'print one JSON array')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(Object.keys(KINDS)))
    .addHelpText('after', EXAMPLES)
    .action(async (options: ListOptions, command: Command) => {
      await session.callServer(command, async (client) => {
        const versions = await client.listModelVersions(options.kind && KINDS[options.kind]);
        const lines = options.json ? [JSON.stringify(versions.map(modelJson))] : modelTable(versions);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}
