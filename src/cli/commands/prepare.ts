import { Command, Option } from 'commander';
import type { PreparationProgress } from '../../training/pretrained/prepare-pretrained-models.js';
import { type Precision, precisions } from '../../core/models/precision.js';
import { EXIT_OK } from '../exit-code.js';
import type { Session } from '../session.js';

const NOTES = `
Reads the weights from models/ and from the installed npm packages, compiles them to ONNX and checks the result; nothing
is downloaded. With --precision int8 backbones are made ready in 8 bits too. What is there already
is left as it is, so this may run at every start. "npm start" runs it.
--backbone dlib-resnet makes that of @vladmandic/face-api ready too ("npm install @vladmandic/face-api"); it serves once
"symface models activate" is told so.`;

export function prepareCommand(session: Session): Command {
  return new Command('prepare')
    .description('make the models that come with SymFace ready to serve')
    .addOption(
      new Option('--precision <type>', 'of the backbone (else SYMFACE_PRECISION)').choices(precisions),
    )
    .addOption(
      new Option('--backbone <name>', 'also one of an npm package that you installed').choices([
        'dlib-resnet',
      ]),
    )
    .addHelpText('after', NOTES)
    .action(async (options: { readonly precision?: Precision; readonly backbone?: string }) => {
      // Loaded here only: preparing needs tfjs, which takes a second to load.
      const { prepareNpmBackbone, preparePretrainedModels } =
        await import('../../training/pretrained/prepare-pretrained-models.js');
      const { readOfflineConfiguration } =
        await import('../../service/platform/configuration/offline-configuration.js');
      const { ModelFiles } = await import('../../storage/models/model-files.js');
      const configuration = readOfflineConfiguration();
      const { precision = configuration.precision } = options;
      const onProgress = ({ title, completed, total }: PreparationProgress): void => {
        session.terminal.err(`  [${completed}/${total}] ${title}`);
      };
      const registry = new ModelFiles(configuration.dataFolder);
      const { backbone, detector } = await preparePretrainedModels(registry, { precision, onProgress });
      const ready = [backbone, detector];
      if (options.backbone !== undefined) {
        const shown = (title: string): void => {
          session.terminal.err(`  ${title}`);
        };
        ready.push(await prepareNpmBackbone(registry, shown));
      }
      session.terminal.out(`Models ready: ${ready.map(({ version }) => version.id).join(', ')}`);
      session.exitCode = EXIT_OK;
    });
}
