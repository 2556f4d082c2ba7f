import { fileURLToPath } from 'node:url';

import type { DetectorBatch } from '../../learning/detectors/detector-engine.js';
import { BatchPrefetcher } from '../data/batch-prefetcher.js';
import { BatchThreads } from '../data/batch-threads.js';
import type { DetectorThreadSetup } from './detector-batch-thread.js';
import type { DetectorBatchRequest } from './detector-collator.js';

const threadEntryPoint = fileURLToPath(new URL('./detector-batch-thread.js', import.meta.url));
/** Batches in the making or waiting, for each thread. */
const AHEAD_PER_THREAD = 3;

/** The batches of a detector's training, one after the other without end, made ahead in threads. */
export class DetectorBatches {
  private readonly threads: BatchThreads<DetectorBatchRequest, DetectorBatch>;
  private readonly prefetcher: BatchPrefetcher<DetectorBatch>;

  constructor(
    setup: DetectorThreadSetup,
    shape: Omit<DetectorBatchRequest, 'firstIndex'>,
    threadCount: number,
  ) {
    this.threads = new BatchThreads(setup, threadCount, threadEntryPoint);
    this.prefetcher = new BatchPrefetcher(AHEAD_PER_THREAD * threadCount, Infinity, ({ batch }) =>
      this.threads.make({ ...shape, firstIndex: batch * shape.batchSize }),
    );
  }

  /**
   * @param step whose batch it is, from 0: the same for the same step, whatever was taken before
   * @throws Failure DATASET_INVALID naming what cannot be used; WORKER_LOST
   */
  async take(step: number): Promise<{ readonly batch: DetectorBatch; readonly waitedMs: number }> {
    const startedAtMs = performance.now();
    const batch = await this.prefetcher.take({ epoch: 0, batch: step });
    return { batch, waitedMs: performance.now() - startedAtMs };
  }

  async close(): Promise<void> {
    await this.threads.close();
  }
}
