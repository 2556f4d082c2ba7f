import { Command, Option } from 'commander';

import { int8Name, type Precision, precisions } from '../../core/models/precision.js';
import { defaultBackboneName } from '../../training/pretrained/default-backbone.js';
import type { RunningServer } from '../../main.js';
import type { Configuration } from '../../service/platform/configuration/configuration.js';
import { EXIT_OK } from '../exit-code.js';
import { nextStopSignal } from '../next-stop-signal.js';
import { requireOpenFiles } from '../open-files.js';
import { tellWhereRefused } from '../refused-start.js';
import { endInAnyCase, endOnceClosed, startUnlessStopped } from '../last-resort.js';
import type { Session } from '../session.js';
import { serveUnread } from '../terminal.js';

const EXAMPLES = `
Settings come from the environment (docs/configuration.md). SIGTERM or Ctrl-C ends it after the calls that it has
accepted.

Examples:
  symface serve
  SYMFACE_GRPC_PORT=6000 SYMFACE_WORKERS=4 symface serve
  symface serve --precision int8                  about twice as fast where the processor has 8-bit dot products`;

export function serveCommand(session: Session): Command {
  return new Command('serve')
    .description('serve gRPC, and over HTTP the same calls, the console, health and metrics')
    .addOption(
      new Option(
        '--precision <type>',
        'of the backbone that comes with SymFace, where none was activated (else SYMFACE_PRECISION)',
      ).choices(precisions),
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ precision }: { readonly precision?: Precision }) => {
      const stopSignal = nextStopSignal();
      serveUnread();
      const tell = (line: string): void => {
        session.terminal.err(line);
      };
      const start = async (): Promise<RunningServer> => {
        requireOpenFiles();
        // Loaded here only: the other commands are clients and should start fast.
        const { startServer } = await import('../../main.js');
        const { readConfiguration } = await import('../../service/platform/configuration/configuration.js');
        const configuration = readConfiguration();
        return startServer({ ...configuration, precision: precision ?? configuration.precision });
      };
      const server = await tellWhereRefused(session, async () => startUnlessStopped(start, stopSignal, tell));
      if (server === undefined) return;
      const { configuration } = server;
      for (const line of greeting(server)) session.terminal.out(line);
      const advice = precisionAdvice(configuration.precision, server.models.backboneId);
      if (advice !== undefined) session.terminal.err(advice);
      await stopSignal;
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
  configuration,
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
    `Try: ${firstCall(configuration, grpcAddress)}`,
  ];
}

/** A command that this server answers: with the port, TLS and the key that it wants. */
function firstCall({ host, tls, authentication }: Configuration, grpcAddress: string): string {
  const port = grpcAddress.slice(grpcAddress.lastIndexOf(':') + 1);
  const isFoundUnasked = (host === '127.0.0.1' || isWildcard(host)) && port === '50051';
  const key = authentication === 'api-key' ? 'SYMFACE_API_KEY=sfk_... ' : '';
  const server = isFoundUnasked ? '' : ` --server ${isWildcard(host) ? `localhost:${port}` : grpcAddress}`;
  const transport = tls === undefined ? '' : ` --tls --tls-ca ${tls.certificateFile}`;
  const certificate = tls?.clientCaFile === undefined ? '' : ' --tls-certificate mine.pem --tls-key mine.key';
  return `${key}npx symface verify a.jpg b.jpg${server}${transport}${certificate}`;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
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
