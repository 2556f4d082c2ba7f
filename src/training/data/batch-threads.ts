import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../core/failure.js';
import { fromRecord } from '../../core/failure-record.js';
import type { BatchReply, NumberedRequest } from './batch-protocol.js';

export const defaultBatchThread = fileURLToPath(new URL('./batch-thread.js', import.meta.url));

interface Waiting<Batch> {
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that make batches. A thread is given whole batches, several ahead, and does all of their work
 * itself: it goes on while the training step blocks the thread that asked.
 */
export class BatchThreads<Request, Batch> {
  private readonly threads: readonly BatchThread<Request, Batch>[];
  private nextId = 1;

  /** @param setup what each thread is started with @param entryPoint serves batches (serveBatches) */
  constructor(setup: unknown, threadCount: number, entryPoint: string) {
    this.threads = Array.from({ length: threadCount }, () => new BatchThread(setup, entryPoint));
  }

  /**
   * @throws Failure DATASET_INVALID naming an image that cannot be used; WORKER_LOST where a thread died; SHUTTING_DOWN
   */
  async make(request: Request): Promise<Batch> {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new RangeError('batches need at least one thread');
    const leastBusy = others.reduce((best, thread) => (thread.load < best.load ? thread : best), first);
    return leastBusy.make({ id: this.nextId++, request });
  }

  /** Ends the threads; batches that are being made are given up. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

class BatchThread<Request, Batch> {
  private readonly thread: Worker;
  private readonly waiting = new Map<number, Waiting<Batch>>();
  private lost: Error | undefined;

  constructor(setup: unknown, entryPoint: string) {
    this.thread = new Worker(entryPoint, { workerData: setup });
    this.thread.unref();
    this.thread.on('message', (reply: BatchReply<Batch>) => {
      this.settle(reply);
    });
    let cause: Error | undefined;
    this.thread.on('error', (error: Error) => {
      cause = error;
    });
    this.thread.on('exit', (exitCode) => {
      const message = `The thread that prepares batches ended unexpectedly with ${exitCode}.`;
      this.lose(new Failure('WORKER_LOST', message, {}, [], { cause }));
    });
  }

  /** Batches in hand */
  get load(): number {
    return this.waiting.size;
  }

  make(request: NumberedRequest<Request>): Promise<Batch> {
    return new Promise((resolve, reject) => {
      if (this.lost !== undefined) {
        reject(this.lost);
        return;
      }
      this.waiting.set(request.id, { resolve, reject });
      // A process with nothing else to do would end instead of waiting for the batch.
      this.thread.ref();
      this.thread.postMessage(request);
    });
  }

  async close(): Promise<void> {
    this.lose(new Failure('SHUTTING_DOWN', 'The training data was closed.'));
    await this.thread.terminate();
  }

  private settle(reply: BatchReply<Batch>): void {
    const waiting = this.waiting.get(reply.id);
    // One that comes while the thread is ended must not release the process that waits for that end.
    if (waiting === undefined) return;
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.thread.unref();
    if ('batch' in reply) waiting.resolve(reply.batch);
    else waiting.reject(fromRecord(reply.error));
  }

  private lose(error: Error): void {
    this.lost ??= error;
    for (const { reject } of this.waiting.values()) reject(this.lost);
    this.waiting.clear();
  }
}
