import type { JobQueue } from '../../jobs/job-queue.js';
import { orderOf, progressOf } from './activation.js';
import type { RunningActivation } from './activation-gauge.js';

/** The activations that run now, of all replicas. */
export async function runningActivations(
  queue: Pick<JobQueue, 'list'>,
): Promise<readonly RunningActivation[]> {
  const page = { limit: 100, after: undefined };
  const jobs = await queue.list(page, { kind: 'activation', state: 'running' });
  return jobs.map(({ input, progress }) => {
    const { faceCount, embeddedCount, leftCount } = progressOf(progress);
    return { modelVersion: orderOf(input).modelVersion, facesLeft: faceCount - embeddedCount - leftCount };
  });
}
