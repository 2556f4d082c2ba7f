import type { JobType } from '../../jobs/job-type.js';
import { toIndexingMessage } from './indexing-messages.js';
import type { RunIndexing } from './run-indexing.js';

/** Jobs that give a collection its index, or take it away. */
export function indexingJobs(run: Pick<RunIndexing, 'execute' | 'removeLeft'>): JobType {
  return {
    kind: 'indexing',
    work: async (job, context) => run.execute(job, context),
    message: (job) => ({ indexing: toIndexingMessage(job) }),
    removeLeft: async (job) => run.removeLeft(job),
  };
}
