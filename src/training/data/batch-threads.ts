import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../core/failure.js';
import { fromRecord } from '../../core/failure-record.js';
import type { BatchReply, BatchRequest, BatchThreadSetup } from './batch-protocol.js';

export const defaultBatchThread = fileURLToPath(new URL('./batch-thread.js', import.meta.url));

interface Waiting {
  readonly resolve: (images: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that make the images of batches. A thread is given whole batches, several ahead, and does all of their work
 * itself: it goes on while the training step blocks the thread that asked.
 */
export class BatchThreads {
  private readonly threads: readonly BatchThread[];
  private nextId = 1;

  constructor(setup: BatchThreadSetup, threadCount: number, entryPoint: string) {
    this.threads = Array.from({ length: threadCount }, () => new BatchThread(setup, entryPoint));
  }

  /**
   * @returns [B, H, W, 3] normalised
   * @throws Failure DATASET_INVALID naming an image that cannot be used; WORKER_LOST where a thread died; SHUTTING_DOWN
   */
  async make(request: Omit<BatchRequest, 'id'>): Promise<Float32Array> {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new RangeError('batches need at least one thread');
    const leastBusy = others.reduce((best, thread) => (thread.load < best.load ? thread : best), first);
    return leastBusy.make({ id: this.nextId++, ...request });
  }

  /** Ends the threads; batches that are being made are given up. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

class BatchThread {
  private readonly thread: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lost: Error | undefined;

  constructor(setup: BatchThreadSetup, entryPoint: string) {
    this.thread = new Worker(entryPoint, { workerData: setup });
    this.thread.unref();
    this.thread.on('message', (reply: BatchReply) => {
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

  make(request: BatchRequest): Promise<Float32Array> {
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

  private settle(reply: BatchReply): void {
    const waiting = this.waiting.get(reply.id);
    // One that comes while the thread is ended must not release the process that waits for that end.
    if (waiting === undefined) return;
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.thread.unref();
    if ('images' in reply) waiting.resolve(reply.images);
    else waiting.reject(fromRecord(reply.error));
  }

  private lose(error: Error): void {
    this.lost ??= error;
    for (const { reject } of this.waiting.values()) reject(this.lost);
    this.waiting.clear();
  }
}
