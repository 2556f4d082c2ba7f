import { availableParallelism } from 'node:os';
import { Failure } from '../../core/failure.js';

const cropCacheBytes = 1024 ** 3;

/** What each of the processes of a machine takes of its cores and memory to prepare batches. */
export function shareOfMachine(localSize: number) {
  const cores = Math.floor(availableParallelism() / localSize);
  return { threads: Math.max(cores - 1, 1), cacheBytes: Math.floor(cropCacheBytes / localSize) };
}

/** How many samples a batch has, and how many batches make a step. */
export interface BatchPlan {
  readonly batchSize: number;
  readonly accumulateSteps: number;
}

/**
 * The batches of a run whose steps several processes share. A step is computed on as many samples as by one process: where it
 * has several batches, the processes take turns at them, and the run is the same batch by batch; where it has one, it
 * becomes one for each process.
 * @throws Failure INVALID_ARGUMENT where the samples of a step cannot be shared equally
 */
export function sharedBatches<Plan extends BatchPlan>(plan: Plan, processes: number): Plan {
  const { batchSize, accumulateSteps } = plan;
  if (accumulateSteps % processes === 0) return plan;
  const share = batchSize / processes;
  if (Number.isInteger(share))
    return { ...plan, batchSize: share, accumulateSteps: accumulateSteps * processes };
  throw new Failure(
    'INVALID_ARGUMENT',
    `${processes} processes cannot share batches of ${batchSize} equally: take a batchSize or accumulateSteps that is a multiple of ${processes}, or as many processes as divide it.`,
    { batch_size: String(batchSize), processes: String(processes) },
  );
}
