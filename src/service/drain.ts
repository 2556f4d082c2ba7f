import type { INestApplication } from '@nestjs/common';
import type { InferenceEngine } from '../inference/workers/inference-engine.js';
import type { BackgroundJobs } from './jobs/background-jobs.js';
import type { GrpcEndpoint } from './platform/grpc/grpc-transport.js';
import type { Logger } from './platform/telemetry/logger.js';

/** Between ending the calls that are left and cutting their connections. */
const lastAnswersMs = 500;

interface DrainParts {
  readonly app: Pick<INestApplication, 'close'>;
  readonly endpoint: Pick<GrpcEndpoint, 'setServing' | 'disconnect'>;
  readonly engine: Pick<InferenceEngine, 'stop'>;
  readonly jobs: Pick<BackgroundJobs, 'close'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long accepted calls may take once new ones are refused. */
  readonly timeoutMs: number;
}

/**
 * Closes a gateway. Health goes first, so that balancers look elsewhere; then the jobs in hand are given back, while calls
 * are answered still, which takes as long as a checkpoint; then no new calls are taken and the features are closed. Calls
 * that are left after the drain time fail with SHUTTING_DOWN.
 */
export async function drain(parts: DrainParts): Promise<void> {
  const { app, endpoint, engine, jobs, logger, timeoutMs } = parts;
  endpoint.setServing(false);
  await jobs.close();
  logger.info({ timeoutMs }, 'draining: accepted calls are finished, new ones refused');
  const timer = setTimeout(() => {
    logger.warn('the drain time is over: ending the calls that are left');
    engine.stop();
    // Those that failed just now have been answered by the time that this runs.
    setTimeout(() => {
      endpoint.disconnect();
    }, lastAnswersMs);
  }, timeoutMs);
  await app.close();
  clearTimeout(timer);
}
