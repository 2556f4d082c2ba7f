/** Entry point of a thread that makes batches for the training of a detector. */
import { workerData } from 'node:worker_threads';
import { serveBatches } from '../data/serve-batches.js';
import type { DetectorDataSettings } from './data/detector-data-configuration.js';
import { DetectorSamples } from './data/open-detector-samples.js';
import type { TrainingPhotographs } from './data/training-photographs.js';
import { detectorBatch, type DetectorBatchRequest } from './detector-collator.js';

/** What the thread is started with; pixels are shared with whoever starts it. */
export interface DetectorThreadSetup {
  readonly settings: DetectorDataSettings;
  readonly photographs: TrainingPhotographs;
}

const { settings, photographs } = workerData as DetectorThreadSetup;
const source = new DetectorSamples(settings, photographs);

serveBatches(async (request: DetectorBatchRequest) => {
  const batch = await detectorBatch(source, request);
  const arrays = [batch.images, ...Object.values<Float32Array>({ ...batch.targets })];
  return { batch, transferred: arrays.map(({ buffer }) => buffer as ArrayBuffer) };
});
