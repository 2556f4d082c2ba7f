import type { Metrics } from './adapters/telemetry/metrics.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import type { Configuration } from './config/configuration.js';

const workerStartTimeoutMs = 60_000;
/** Far above what any image may take: only a hang in native code lasts so long. */
const workerStallTimeoutMs = 60_000;

/** The inference workers of this process; none runs before there is something to do. */
export function createEngine(configuration: Configuration, metrics: Metrics): InferenceEngine {
  const engine = new InferenceEngine(
    {
      workerCount: configuration.workerCount,
      intraOpThreads: configuration.threadsPerWorker,
      maximumBatchSize: configuration.maximumBatchSize,
      jobsPerWorker: configuration.maximumBatchSize,
      queueCapacity: configuration.queueCapacity,
      imageLimits: {
        maximumBytes: configuration.maximumImageBytes,
        maximumPixels: configuration.maximumImagePixels,
      },
      startTimeoutMs: workerStartTimeoutMs,
      stallTimeoutMs: workerStallTimeoutMs,
    },
    metrics,
  );
  metrics.watch(engine);
  return engine;
}
