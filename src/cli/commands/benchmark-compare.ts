import { Command } from 'commander';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { comparisonLines } from '../report/comparison-report.js';
import type { Session } from '../session.js';

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
