import { Command, Option } from 'commander';

import { int8Name, type Precision, precisions } from '../../core/models/precision.js';
import { defaultBackboneName } from '../../training/pretrained/default-backbone.js';
import type { RunningServer } from '../../main.js';
import { EXIT_OK } from '../exit-code.js';
import { nextStopSignal } from '../next-stop-signal.js';
import { endInAnyCase, endOnceClosed } from '../last-resort.js';
import type { Session } from '../session.js';

const EXAMPLES = `
Settings come from the environment (README, "Configuration"). SIGTERM or Ctrl-C ends it after the calls that it has
accepted.

Examples:
  symface serve
  SYMFACE_GRPC_PORT=6000 SYMFACE_WORKERS=4 symface serve
  symface serve --precision int8                  about twice as fast where the processor has 8-bit dot products`;

export function serveCommand(session: Session): Command {
  return new Command('serve')
    .description('serve gRPC, and a small HTTP port for health and metrics')
    .addOption(
      new Option(
        '--precision <type>',
        'of the backbone that comes with SymFace, where none was activated (else SYMFACE_PRECISION)',
      ).choices(precisions),
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ precision }: { readonly precision?: Precision }) => {
      const stopSignal = nextStopSignal();
      // Loaded here only: the other commands are clients and should start fast.
      const { startServer } = await import('../../main.js');
      const { readConfiguration } = await import('../../service/platform/configuration/configuration.js');
      const configuration = readConfiguration();
      const server = await startServer({ ...configuration, precision: precision ?? configuration.precision });
      for (const line of greeting(server)) session.terminal.out(line);
      const advice = precisionAdvice(precision ?? configuration.precision, server.models.backboneId);
      if (advice !== undefined) session.terminal.err(advice);
      await stopSignal;
      const tell = (line: string): void => {
        session.terminal.err(line);
      };
      endInAnyCase(configuration.drainDelayMs + configuration.drainTimeoutMs, tell);
      await server.close();
      endOnceClosed(tell);
      session.exitCode = EXIT_OK;
    });
}

function greeting({
  grpcAddress,
  httpAddress,
  consoleAddress,
  models,
  engine,
  database,
  access,
}: RunningServer): string[] {
  return [
    'SymFace serves.',
    `  gRPC      ${grpcAddress} (${access})`,
    `  HTTP      ${httpAddress} (${consoleAddress === undefined ? '' : 'calls, '}/healthz, /readyz, /metrics)`,
    ...(consoleAddress === undefined ? [] : [`  console   ${consoleAddress}`]),
    `  model     ${models.backboneId}`,
    `  detector  ${models.detectorId}`,
    `  engine    ${engine}`,
    `  database  ${database}`,
    'Try: npx symface verify a.jpg b.jpg',
  ];
}

/**
 * What to do where another precision serves: `--precision` decides only where nothing was activated, since enrolled
 * faces have embeddings of what was.
 */
function precisionAdvice(precision: Precision, backboneId: string): string | undefined {
  const eightBit = int8Name(defaultBackboneName);
  if (precision !== 'int8' || backboneId.startsWith(`${eightBit}-`)) return undefined;
  return `${backboneId} was activated and goes on serving. "symface models list" has ${eightBit} once "symface prepare --precision int8" has run; "symface models activate" changes to it.`;
}
