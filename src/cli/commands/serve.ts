import { Command } from 'commander';
import type { RunningServer } from '../../main.js';
import { EXIT_OK } from '../exit-code.js';
import { nextStopSignal } from '../next-stop-signal.js';
import type { Session } from '../session.js';

const EXAMPLES = `
Settings come from the environment (README, "Configuration"). SIGTERM or Ctrl-C ends it after the calls that it has
accepted.

Examples:
  symface serve
  SYMFACE_GRPC_PORT=6000 SYMFACE_WORKERS=4 symface serve`;

export function serveCommand(session: Session): Command {
  return new Command('serve')
    .description('serve gRPC, and a small HTTP port for health and metrics')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const stopSignal = nextStopSignal();
      // Loaded here only: the other commands are clients and should start fast.
      const { startServer } = await import('../../main.js');
      const { readConfiguration } = await import('../../config/configuration.js');
      const server = await startServer(readConfiguration());
      for (const line of greeting(server)) session.terminal.out(line);
      await stopSignal;
      await server.close();
      session.exitCode = EXIT_OK;
    });
}

function greeting({ grpcAddress, httpAddress, models, engine, database, access }: RunningServer): string[] {
  return [
    'SymFace serves.',
    `  gRPC      ${grpcAddress} (${access})`,
    `  HTTP      ${httpAddress} (/healthz, /readyz, /metrics)`,
    `  model     ${models.backboneId}`,
    `  detector  ${models.detectorId}`,
    `  engine    ${engine}`,
    `  database  ${database}`,
    'Try: npx symface verify a.jpg b.jpg',
  ];
}
