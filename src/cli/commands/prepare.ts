import { Command, Option } from 'commander';
import type { PreparationProgress } from '../../training/pretrained/prepare-pretrained-models.js';
import { type Precision, precisions } from '../../core/models/precision.js';
import { EXIT_OK } from '../exit-code.js';
import type { Session } from '../session.js';

const NOTES = `
Reads the weights from models/ and from the installed npm packages, compiles them to ONNX and checks the result; nothing
is downloaded. With --precision int8 backbones are made ready in 8 bits too. What is there already
is left as it is, so this may run at every start. "npm start" runs it.`;

export function prepareCommand(session: Session): Command {
  return new Command('prepare')
    .description('make the models that come with SymFace ready to serve')
    .addOption(
      new Option('--precision <type>', 'of the backbone (else SYMFACE_PRECISION)').choices(precisions),
    )
    .addHelpText('after', NOTES)
    .action(async (options: { readonly precision?: Precision }) => {
      // Loaded here only: preparing needs tfjs, which takes a second to load.
      const { preparePretrainedModels } =
        await import('../../training/pretrained/prepare-pretrained-models.js');
      const { readConfiguration } = await import('../../service/platform/configuration/configuration.js');
      const { ModelFiles } = await import('../../storage/models/model-files.js');
      const configuration = readConfiguration();
      const { precision = configuration.precision } = options;
      const onProgress = ({ title, completed, total }: PreparationProgress): void => {
        session.terminal.err(`  [${completed}/${total}] ${title}`);
      };
      const { backbone, detector } = await preparePretrainedModels(new ModelFiles(configuration.dataFolder), {
        precision,
        onProgress,
      });
      session.terminal.out(`Models ready: ${backbone.version.id}, ${detector.version.id}`);
      session.exitCode = EXIT_OK;
    });
}
