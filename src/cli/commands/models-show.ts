import { Command } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { modelVersionName } from '../model-name.js';
import { calibrationLines } from '../report/calibration-report.js';
import { modelJson, modelLines } from '../report/model-report.js';
import { present, type Session } from '../session.js';

const EXAMPLES = `
Example:
  symface models show mobilefacenet-0123456789ab`;

export function showModelCommand(session: Session): Command {
  return new Command('show')
    .description('show one model version with its manifest')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--json', 'print one JSON object, the numbers of its self-check included')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async (client) => {
        const version = present(
          (await client.model.getModelVersion({ name: modelVersionName(id) })).modelVersion,
        );
        const { calibration } = await client.benchmark.getModelCalibration({ modelVersion: version.name });
        const lines = options.json
          ? [JSON.stringify({ ...modelJson(version), calibration })]
          : [...modelLines(version), ...(calibration === null ? [] : calibrationLines(calibration))];
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}
