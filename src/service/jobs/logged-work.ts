import type { JobHandler } from './work-on-jobs.js';
import { Failure } from '../../core/failure.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Logger } from '../platform/telemetry/logger.js';

type WorkOfKinds = Readonly<Partial<Record<JobKind, JobHandler>>>;

/** The same work, whose beginning and end are told to the log. */
export function loggedWork(work: WorkOfKinds, logger: Pick<Logger, 'info' | 'warn'>): WorkOfKinds {
  return Object.fromEntries(Object.entries(work).map(([kind, ofKind]) => [kind, logged(ofKind, logger)]));
}

function logged(work: JobHandler, logger: Pick<Logger, 'info' | 'warn'>): JobHandler {
  return async (job, context) => {
    const { id: jobId, kind, attempt } = job;
    const startedAtMs = performance.now();
    const of = (): object => ({
      jobId,
      kind,
      attempt,
      seconds: Math.round((performance.now() - startedAtMs) / 100) / 10,
    });
    logger.info({ jobId, kind, attempt }, 'works on a job');
    try {
      const output = await work(job, context);
      logger.info(of(), context.signal.aborted ? 'has stopped a job' : 'has finished a job');
      return output;
    } catch (error) {
      // A stop is no failure; defects are reported with their stack by whoever runs the work.
      if (context.signal.aborted)
        logger.info({ ...of(), reason: reasonOf(context.signal.reason) }, 'has stopped a job');
      else
        logger.warn({ ...of(), reason: reasonOf(error) }, `an attempt at a job failed: ${messageOf(error)}`);
      throw error;
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Failure ? error.reason : 'INTERNAL';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
