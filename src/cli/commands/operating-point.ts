import { Command, Option } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { operatingPointLines } from '../report/operating-point-report.js';
import { falseMatchRate, present, type Session } from '../session.js';

interface OperatingPointOptions {
  readonly fmr?: number;
  readonly json?: true;
}

const NOTES = `
The false match rate is the share of pairs of strangers that are taken for one person. The service decides at this rate
whichever model serves, unless a request states another one; what each model's thresholds at it are, calibration finds
(symface calibrate). docs/benchmarks.md.

Examples:
  symface operating-point                the rate in force, and the serving model's threshold at it
  symface operating-point --fmr 1e-4     decide at another rate from now on`;

export function operatingPointCommand(session: Session): Command {
  return new Command('operating-point')
    .description('the false match rate that the service decides at')
    .addOption(
      new Option('--fmr <rate>', 'decide at this rate from now on, for example 1e-3').argParser(
        falseMatchRate,
      ),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async ({ fmr, json }: OperatingPointOptions, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const { operatingPoint } =
          fmr === undefined
            ? await benchmark.getOperatingPoint({})
            : await benchmark.setOperatingPoint({ falseMatchRate: fmr });
        const shown = present(operatingPoint);
        for (const line of json ? [JSON.stringify(shown)] : operatingPointLines(shown))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}
