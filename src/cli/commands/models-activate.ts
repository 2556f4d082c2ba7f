import { Command } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { modelVersionId, modelVersionName } from '../model-name.js';
import { modelVersionOf } from '../model-version-of.js';
import { modelJson } from '../report/model-report.js';
import type { Session } from '../session.js';

const EXAMPLES = `
Calls that run finish with the version they began with; none fails. Embeddings of different backbones are not
comparable: after a change of backbone, stored embeddings must be made again.

Example:
  symface models activate mobilefacenet-0123456789ab`;

export function activateModelCommand(session: Session): Command {
  return new Command('activate')
    .description('serve this model version from now on')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      await session.changeModels(command, async (client) => {
        const response = await client.activateModelVersion(modelVersionName(id));
        const version = modelVersionOf(response);
        const previous = modelVersionId(response.previousName);
        session.terminal.out(
          options.json
            ? JSON.stringify({ modelVersion: modelJson(version), previousId: previous })
            : activationLine(modelVersionId(version.name), previous),
        );
        return EXIT_OK;
      });
    });
}

/** What people read once a version serves. */
export function activationLine(id: string, previousId: string): string {
  return `${id} is active${previousId === '' || previousId === id ? '' : `; before it was ${previousId}`}.`;
}
