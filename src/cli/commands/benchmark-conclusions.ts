import { Command } from 'commander';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { calibrationLines } from '../report/calibration-report.js';
import { comparisonLines } from '../report/comparison-report.js';
import { present, type Session } from '../session.js';

interface CalibrateOptions {
  readonly allowUnsupportedRate?: true;
  readonly json?: true;
}

/** The resource name of a benchmark run that the user gives by id. */
export function benchmarkRunName(id: string): string {
  return `benchmarkRuns/${idIn(id)}`;
}

export function compareCommand(session: Session): Command {
  return new Command('compare')
    .description('is the second of two models better on the same pairs, or was it luck?')
    .argument('<first>', 'a benchmark, as "symface benchmark list" prints it')
    .argument('<second>', 'another one of the same data set')
    .option('--json', 'print one JSON object')
    .action(async (first: string, second: string, { json }: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const comparison = await benchmark.compareBenchmarkRuns({
          first: benchmarkRunName(first),
          second: benchmarkRunName(second),
        });
        for (const line of json ? [JSON.stringify(comparison)] : comparisonLines(comparison))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

export function calibrateCommand(session: Session): Command {
  return new Command('calibrate')
    .description("take a model's thresholds and match probabilities from a benchmark of it")
    .argument('<id>', 'as "symface benchmark list" prints it')
    .option('--allow-unsupported-rate', 'also where the pairs do not support the false match rate in force')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { allowUnsupportedRate, json }: CalibrateOptions, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const { calibration } = await benchmark.calibrateModelVersion({
          benchmarkRun: benchmarkRunName(id),
          allowUnsupportedRate: allowUnsupportedRate === true,
        });
        const shown = present(calibration);
        for (const line of json ? [JSON.stringify(shown)] : calibrationLines(shown))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}
