import type { Metrics } from '../platform/telemetry/metrics.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import type { Configuration } from '../platform/configuration/configuration.js';

const workerStartTimeoutMs = 60_000;
/** How long a worker may take for an image before it counts as hung in native code; no image takes nearly as long. */
const workerStallTimeoutMs = 60_000;

/** Makes the engine of this process; no inference worker runs before there is something to do. */
export function createEngine(configuration: Configuration, metrics: Metrics): InferenceEngine {
  const engine = new InferenceEngine(
    {
      workerCount: configuration.workerCount,
      intraOpThreads: configuration.threadsPerWorker,
      provider: configuration.servingProvider,
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
