/** Entry point of a thread that reads, decodes, aligns, splits and mirrors the images of batches, one batch at a time. */
import { workerData } from 'node:worker_threads';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { BatchCollator } from './batch-collator.js';
import type { BatchRequest, BatchThreadSetup } from './batch-protocol.js';
import { serveBatches } from './serve-batches.js';

const images = new BatchCollator(workerData as BatchThreadSetup, new SharpImageDecoder());

serveBatches(async (request: BatchRequest) => {
  const batch = await images.make(request);
  return { batch, transferred: [batch.buffer as ArrayBuffer] };
});
