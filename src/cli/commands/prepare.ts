import { Command } from 'commander';
import { readConfiguration } from '../../config/configuration.js';
import { FileModelRegistry } from '../../adapters/storage/file-model-registry.js';
import { EXIT_OK } from '../exit-code.js';
import type { Session } from '../session.js';

const NOTES = `
Reads the weights from the installed npm packages, compiles them to ONNX and checks the result against tfjs; nothing
is downloaded. What is there already is left as it is, so this may run at every start. "npm start" runs it.`;

export function prepareCommand(session: Session): Command {
  return new Command('prepare')
    .description('make the models that npm ships ready to serve')
    .addHelpText('after', NOTES)
    .action(async () => {
      // Loaded here only: preparing needs tfjs, which takes a second to load.
      const { preparePretrainedModels } =
        await import('../../adapters/pretrained/prepare-pretrained-models.js');
      const registry = new FileModelRegistry(readConfiguration().dataFolder);
      const models = await preparePretrainedModels(registry, ({ title, completed, total }) => {
        session.terminal.err(`  [${completed}/${total}] ${title}`);
      });
      session.terminal.out(`Models ready: ${models.backbone.version.id}, ${models.detector.version.id}`);
      session.exitCode = EXIT_OK;
    });
}
