/** Entry point of a thread that reads, decodes, aligns, splits and mirrors the images of batches, one batch at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { toRecord } from '../../core/failure-record.js';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { BatchCollator } from './batch-collator.js';
import type { BatchReply, BatchRequest, BatchThreadSetup } from './batch-protocol.js';

const images = new BatchCollator(workerData as BatchThreadSetup, new SharpImageDecoder());
let previous: Promise<void> = Promise.resolve();

async function answer(request: BatchRequest): Promise<void> {
  const reply = await replyTo(request);
  const transferred = 'images' in reply ? [reply.images.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(reply, transferred);
}

async function replyTo(request: BatchRequest): Promise<BatchReply> {
  const { id } = request;
  try {
    return { id, images: await images.make(request) };
  } catch (error) {
    return { id, error: toRecord(error) };
  }
}

parentPort?.on('message', (request: BatchRequest) => {
  previous = previous.then(() => answer(request));
});
