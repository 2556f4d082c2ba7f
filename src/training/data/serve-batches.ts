import { parentPort, type TransferListItem } from 'node:worker_threads';

import { toRecord } from '../../core/failure-record.js';
import type { BatchReply, NumberedRequest } from './batch-protocol.js';

/** A batch, and the memory that is handed over with it instead of copied. */
export interface MadeBatch<Batch> {
  readonly batch: Batch;
  readonly transferred: readonly TransferListItem[];
}

/** Answers what the thread is asked for from now on, one request after the other. @param make may fail */
export function serveBatches<Request, Batch>(make: (request: Request) => Promise<MadeBatch<Batch>>): void {
  let previous: Promise<void> = Promise.resolve();
  const answer = async ({ id, request }: NumberedRequest<Request>): Promise<void> => {
    try {
      const { batch, transferred } = await make(request);
      parentPort?.postMessage({ id, batch } satisfies BatchReply<Batch>, transferred);
    } catch (error) {
      parentPort?.postMessage({ id, error: toRecord(error) } satisfies BatchReply<Batch>);
    }
  };
  parentPort?.on('message', (request: NumberedRequest<Request>) => {
    previous = previous.then(() => answer(request));
  });
}
