import type { INestApplication } from '@nestjs/common';
import type { InferenceEngine } from '../inference/workers/inference-engine.js';
import type { GrpcEndpoint } from './platform/grpc/grpc-transport.js';
import type { OpenConnections } from './platform/open-connections.js';
import type { Readiness } from './platform/readiness.js';
import type { Logger } from './platform/telemetry/logger.js';

/** What calls have to answer once their images are given up; those that wait for something else are ended then. */
const lastWorkMs = 250;
/** Between ending the work on the calls that are left and cutting their connections. */
const lastAnswersMs = 500;

interface DrainParts {
  readonly app: Pick<INestApplication, 'close'>;
  /** The connections of the HTTP port. */
  readonly httpConnections: Pick<OpenConnections, 'destroyAll'>;
  readonly endpoint: Pick<GrpcEndpoint, 'setServing' | 'handOver' | 'drain' | 'endCalls' | 'disconnect'>;
  readonly readiness: Pick<Readiness, 'close'>;
  readonly engine: Pick<InferenceEngine, 'stop'>;
  /** Gives the jobs in hand back; it takes no longer than it may. */
  readonly giveJobsBack: () => Promise<void>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long new calls are taken after health said that they should go elsewhere: balancers need to notice. */
  readonly delayMs: number;
  /** How long accepted calls may take once new ones are refused. */
  readonly timeoutMs: number;
}

/**
 * Closes a gateway. Health goes first, so that balancers look elsewhere; meanwhile the jobs in hand are given back, and calls
 * are answered still, which takes as long as a checkpoint or the delay; then clients are told to make their next call on another
 * connection, calls that only wait for their clients are ended, no new ones are taken and the features are closed. Calls that
 * are left after the drain time fail with SHUTTING_DOWN.
 */
export async function drain(parts: DrainParts): Promise<void> {
  const { app, httpConnections, endpoint, readiness, engine, giveJobsBack, logger, delayMs, timeoutMs } =
    parts;
  // Those that failed just now have been answered by the time that this runs.
  const cutSoon = (): void => {
    setTimeout(() => {
      endpoint.disconnect();
      // What is left there is idle, half sent, or asks again: it would hold the process for ever.
      httpConnections.destroyAll();
    }, lastAnswersMs).unref();
  };
  endpoint.setServing(false);
  readiness.close();
  await Promise.all([giveJobsBack(), new Promise((resolve) => setTimeout(resolve, delayMs))]);
  await endpoint.handOver();
  logger.info({ timeoutMs }, 'draining: accepted calls are finished, new ones refused');
  // Some clients leave their half of an ended call open, and would hold the connection with it.
  void endpoint.drain().then(cutSoon);
  const timer = setTimeout(() => {
    logger.warn('the drain time is over: ending the calls that are left');
    engine.stop();
    setTimeout(() => {
      endpoint.endCalls();
    }, lastWorkMs).unref();
    cutSoon();
  }, timeoutMs);
  await app.close().finally(() => {
    clearTimeout(timer);
  });
}
