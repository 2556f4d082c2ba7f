import { Command } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { modelVersionName } from '../model-name.js';
import type { Session } from '../session.js';

const NOTES = `
Evaluations and assessments of it are kept. What serves, decides in the shadow or is needed by a job is not deleted; nor is
what comes with SymFace. After the version that served before there is none to roll back to.
Versions that were fine-tuned here go by themselves once there are more than SYMFACE_KEPT_TRAINED_MODELS newer ones.

Examples:
  symface models delete mobilefacenet-0123456789ab`;

export function deleteModelCommand(session: Session): Command {
  return new Command('delete')
    .description('remove a model version for good, with the templates that faces have under it')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async (client) => {
        const name = modelVersionName(id);
        const { templateCount } = await client.model.deleteModelVersion({ name });
        const deleted = `Deleted ${id}`;
        const line =
          templateCount === 0 ? `${deleted}.` : `${deleted} and ${templateCount} templates under it.`;
        session.terminal.out(options.json ? JSON.stringify({ name, templateCount }) : line);
        return EXIT_OK;
      });
    });
}
