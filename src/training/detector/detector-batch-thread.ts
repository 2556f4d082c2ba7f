/** Entry point of a thread that makes batches for the training of a detector. */
import { workerData } from 'node:worker_threads';
import { serveBatches } from '../data/serve-batches.js';
import { openDetectorSamples } from './data/open-detector-samples.js';
import type { DetectorDataSettings } from './data/detector-data-configuration.js';
import { detectorBatch, type DetectorBatchRequest } from './detector-collator.js';

const source = openDetectorSamples(workerData as DetectorDataSettings);
// Whoever asks for a batch hears of the failure.
source.catch(() => undefined);

serveBatches(async (request: DetectorBatchRequest) => {
  const batch = await detectorBatch(await source, request);
  const arrays = [batch.images, ...Object.values<Float32Array>({ ...batch.targets })];
  return { batch, transferred: arrays.map(({ buffer }) => buffer as ArrayBuffer) };
});
