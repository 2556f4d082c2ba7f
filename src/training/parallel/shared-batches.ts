import { availableParallelism } from 'node:os';
import { Failure } from '../../core/failure.js';

const cropCacheBytes = 1024 ** 3;

/** Threads of operations that each of the processes of a machine has. */
export function shareOfCores(localSize: number): number {
  return Math.max(1, Math.floor(availableParallelism() / localSize));
}

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
 * has a multiple of the processes in batches, they take turns at them, and the run is the same batch by batch; else batches are cut
 * into equal parts until there is such a multiple.
 * @param isSynchronised whether norms are of the batches of all processes: then each batch is cut into one part for each process, so that
 *   what is normalised together is what one process would
 * @throws Failure INVALID_ARGUMENT where the samples of a step cannot be shared equally
 */
export function sharedBatches<Plan extends BatchPlan>(
  plan: Plan,
  processes: number,
  isSynchronised = false,
): Plan {
  const { batchSize, accumulateSteps } = plan;
  // As few more batches as make them a multiple of the processes: 16 processes share 8 batches of 64 as 16 of 32.
  const parts = isSynchronised ? processes : processes / greatestCommonDivisor(accumulateSteps, processes);
  const share = batchSize / parts;
  if (Number.isInteger(share)) return { ...plan, batchSize: share, accumulateSteps: accumulateSteps * parts };
  const what = isSynchronised ? 'a batchSize' : 'a batchSize or accumulateSteps';
  throw new Failure(
    'INVALID_ARGUMENT',
    `${processes} processes cannot share batches of ${batchSize} equally: take ${what} that is a multiple of ${processes}, or as many processes as divide it.`,
    { batch_size: String(batchSize), processes: String(processes) },
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
