import { Command, Option } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
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
        const kind = options.kind === undefined ? 'MODEL_KIND_UNSPECIFIED' : KINDS[options.kind];
        const versions: ModelVersion__Output[] = [];
        for await (const version of paginate(client.model.listModelVersions, { kind }))
          versions.push(version);
        const lines = options.json ? [JSON.stringify(versions.map(modelJson))] : modelTable(versions);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}
