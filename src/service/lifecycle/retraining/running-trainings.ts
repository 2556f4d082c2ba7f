import type { JobQueue } from '../../jobs/job-queue.js';
import type { RunningTraining } from './training-gauges.js';
import type { TrainingProgress } from './training-job.js';

/** The trainings that have made a step, of all replicas. */
export async function runningTrainings(queue: Pick<JobQueue, 'list'>): Promise<readonly RunningTraining[]> {
  const page = { limit: 100, after: undefined };
  const jobs = await queue.list(page, { kind: 'training', state: 'running' });
  return jobs.flatMap(({ singletonKey: line, progress }) => {
    const { steps } = (progress as unknown as TrainingProgress | null) ?? {};
    return line === undefined || steps === undefined ? [] : [{ line, steps }];
  });
}
