import type { JobQueue } from '../../jobs/job-queue.js';
import type { RunningTraining } from './training-gauges.js';
import { trainingProgressOf } from './training-job.js';

/** The trainings that have made a step, of all replicas. */
export async function runningTrainings(queue: Pick<JobQueue, 'list'>): Promise<readonly RunningTraining[]> {
  const page = { limit: 100, after: undefined };
  const jobs = await queue.list(page, { kind: 'training', state: 'running' });
  return jobs.flatMap((job) => {
    const { singletonKey: line } = job;
    const { steps } = trainingProgressOf(job) ?? {};
    return line === undefined || steps === undefined ? [] : [{ line, steps }];
  });
}
