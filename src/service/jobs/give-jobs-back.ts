import type { ClosingSteps } from '../platform/closing-steps.js';
import type { BackgroundJobs } from './background-jobs.js';

/** A training keeps a checkpoint before its job is given back; who waits longer loses what came since the last one. */
const checkpointLimitMs = 60_000;

/** Gives the jobs in hand back, as a step of a process's end. */
export async function giveJobsBack(
  jobs: Pick<BackgroundJobs, 'close' | 'hasJobInHand'>,
  closing: ClosingSteps,
): Promise<void> {
  const limitMs = jobs.hasJobInHand ? checkpointLimitMs : undefined;
  await closing.run('the jobs in hand', async () => jobs.close(), limitMs);
}
