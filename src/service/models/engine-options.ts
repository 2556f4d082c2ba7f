import type { EngineOptions } from '../../inference/workers/inference-engine.js';
import type { Configuration } from '../platform/configuration/configuration.js';

const workerStartTimeoutMs = 60_000;
/** A GPU's programs are compiled at the start. */
const gpuWorkerStartTimeoutMs = 180_000;
/** How long a worker may take for an image before it counts as hung in native code; no image takes nearly as long. */
const workerStallTimeoutMs = 60_000;

/**
 * What a worker on a processor holds: the next photograph is there, and is decoded, while one is in the networks. More would be
 * no faster, since a batch takes as long as its images one after the other, and whoever comes would wait for them.
 */
const photographsPerProcessorWorker = 2;

/** The settings of the engine as the configuration has them. */
export function engineOptionsOf(configuration: Configuration): EngineOptions {
  return {
    workerCount: configuration.workerCount,
    intraOpThreads: configuration.threadsPerWorker,
    provider: configuration.servingProvider,
    maximumBatchSize: configuration.maximumBatchSize,
    photographsPerWorker:
      configuration.servingProvider === 'cpu' ? photographsPerProcessorWorker : configuration.maximumBatchSize,
    queueCapacity: configuration.queueCapacity,
    imageLimits: {
      maximumBytes: configuration.maximumImageBytes,
      maximumPixels: configuration.maximumImagePixels,
    },
    startTimeoutMs: configuration.servingProvider === 'cpu' ? workerStartTimeoutMs : gpuWorkerStartTimeoutMs,
    stallTimeoutMs: workerStallTimeoutMs,
  };
}
