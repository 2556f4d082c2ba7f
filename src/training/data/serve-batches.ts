import { parentPort, type Transferable } from 'node:worker_threads';

import { toRecord } from '../../core/failure-record.js';
import type { BatchReply, NumberedRequest } from './batch-protocol.js';

/** A batch, and the memory that is handed over with it instead of copied. */
export interface MadeBatch<Batch> {
  readonly batch: Batch;
  readonly transferred: readonly Transferable[];
}

/** Makes the batch that is asked for; it may fail. */
type MakeBatch<Request, Batch> = (request: Request) => Promise<MadeBatch<Batch>>;

/** Answers what the thread is asked for from now on, one request after the other. */
export function serveBatches<Request, Batch>(make: MakeBatch<Request, Batch>): void {
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
