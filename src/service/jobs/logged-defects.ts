import { Failure } from '../../core/failure.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Logger } from '../platform/telemetry/logger.js';
import type { JobDefectPlace } from './work-on-jobs.js';

/** Tells the log of what went wrong with jobs of a kind: at which step and, where there is one, of which job. */
export function loggedDefects(
  kind: JobKind,
  logger: Pick<Logger, 'warn' | 'error'>,
): (error: unknown, place: JobDefectPlace) => void {
  return (error, { step, jobId }) => {
    const of = { kind, step, ...(jobId !== undefined && { jobId }) };
    // A failure says all in its message; the stack of a defect is needed to find it.
    if (error instanceof Failure) {
      logger.warn({ ...of, reason: error.reason }, `cannot ${step}: ${error.message}`);
      return;
    }
    logger.error({ ...of, err: error }, step === 'work' ? 'a job failed unexpectedly' : `cannot ${step}`);
  };
}
