import type { JobContext } from './job-attempt.js';
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
    const told = { success: false };
    const succeed: JobContext['succeed'] = (output) => {
      told.success = true;
      context.succeed(output);
    };
    const { signal } = context;
    try {
      const output = await work(job, { ...context, succeed });
      logger.info(of(), signal.aborted && !told.success ? 'has stopped a job' : 'has finished a job');
      return output;
    } catch (error) {
      // A stop is no failure; defects are reported with their stack by whoever runs the work.
      if (signal.aborted) {
        const what = told.success ? 'has succeeded; stopped at what was left to do' : 'has stopped a job';
        logger.info({ ...of(), reason: reasonOf(signal.reason) }, what);
      } else {
        const what = told.success
          ? 'has succeeded; what was left to do failed'
          : 'an attempt at a job failed';
        logger.warn({ ...of(), reason: reasonOf(error) }, `${what}: ${messageOf(error)}`);
      }
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
