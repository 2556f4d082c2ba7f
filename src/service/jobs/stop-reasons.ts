import { Failure } from '../../core/failure.js';
import type { LeaseState } from './job-queue.js';

/** Why the work on a job is stopped whose lease is not held any more. */
export const stopReasons: Readonly<Record<Exclude<LeaseState, 'held'>, () => Failure>> = {
  cancelled: () => new Failure('CANCELLED', 'The job was cancelled.'),
  lost: () => new Failure('WORKER_LOST', 'Another worker has the job, or it has ended.'),
};
