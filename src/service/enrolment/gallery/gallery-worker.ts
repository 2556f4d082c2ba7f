import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../../core/failure.js';
import { fromRecord } from '../../../core/failure-record.js';
import type { NumberedKeys } from '../../../storage/encryption/secret-box.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import { BestSubjects } from './best-subjects.js';
import type { SealedTemplate } from './gallery-source.js';
import type {
  GalleryReply,
  GalleryRequest,
  GalleryReplyMessage,
  GalleryRequestMessage,
} from './gallery-protocol.js';

const defaultEntryPoint = fileURLToPath(new URL('./gallery-thread.js', import.meta.url));
/** More read memory no faster. */
const maximumThreads = 8;

interface Waiting {
  readonly resolve: (reply: GalleryReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The gallery's threads, as seen from the gateway: started when first needed, and again after one has died. Each has its
 * share of every index's faces and scans that.
 */
export class GalleryWorker {
  private threads: readonly Worker[] | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  /**
   * @param keys what opens templates
   * @param onLost told when a thread has died, and the indexes with it
   */
  constructor(
    private readonly keys: Pick<DataKeys, 'toOpen'>,
    private readonly onLost: (error: Error) => void,
    private readonly entryPoint: string = defaultEntryPoint,
    private readonly threadCount = Math.min(availableParallelism(), maximumThreads),
  ) {}

  /** @throws Failure WORKER_LOST where a thread dies, of the keys; Error where one refuses the request */
  async ask(request: GalleryRequest): Promise<GalleryReply> {
    const keys = request.type === 'change' ? await this.keysOf(request.added) : undefined;
    const threads = (this.threads ??= this.start());
    const replies = threads.map(async (thread, index) => {
      const message = { id: this.nextId++, request: shareOf(request, index, threads.length), keys };
      return this.send(thread, message);
    });
    return together(await Promise.all(replies), request);
  }

  async close(): Promise<void> {
    const threads = this.threads ?? [];
    this.threads = undefined;
    await Promise.all(threads.map(async (thread) => thread.terminate()));
  }

  private async send(thread: Worker, message: GalleryRequestMessage): Promise<GalleryReply> {
    return new Promise((resolve, reject) => {
      this.waiting.set(message.id, { resolve, reject });
      thread.postMessage(message);
    });
  }

  private async keysOf(templates: readonly SealedTemplate[]): Promise<NumberedKeys> {
    return (await this.keys.toOpen(templates.map(({ sealed }) => sealed))).numbered;
  }

  private start(): readonly Worker[] {
    const threads = Array.from({ length: this.threadCount }, () => new Worker(this.entryPoint));
    for (const thread of threads) {
      thread.unref();
      thread.on('message', (reply: GalleryReplyMessage) => {
        const waiting = this.waiting.get(reply.id);
        this.waiting.delete(reply.id);
        if ('reply' in reply) waiting?.resolve(reply.reply);
        else waiting?.reject(fromRecord(reply.error));
      });
      let cause: Error | undefined;
      thread.on('error', (error: Error) => {
        cause = error;
      });
      thread.on('exit', (exitCode) => {
        if (this.threads !== threads) return;
        this.lose(new Error(`a gallery thread ended with ${exitCode}`, { cause }));
      });
    }
    return threads;
  }

  /** What the other threads have is of no use without the share that was lost. */
  private lose(error: Error): void {
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    void this.close();
    this.onLost(error);
    for (const { reject } of lost) {
      reject(
        new Failure('WORKER_LOST', 'The search ended unexpectedly. Try again.', {}, [], { cause: error }),
      );
    }
  }
}

/** A face is one thread's, the same one each time: which one, its id says. */
function isOf(faceId: string, index: number, threadCount: number): boolean {
  let hash = 0;
  for (let place = 0; place < faceId.length; place++) hash = (hash * 31 + faceId.charCodeAt(place)) >>> 0;
  return hash % threadCount === index;
}

function shareOf(request: GalleryRequest, index: number, threadCount: number): GalleryRequest {
  if (request.type !== 'change') return request;
  return {
    ...request,
    added: request.added.filter(({ faceId }) => isOf(faceId, index, threadCount)),
    deletedFaceIds: request.deletedFaceIds.filter((faceId) => isOf(faceId, index, threadCount)),
  };
}

/** A subject among the best of all is among the best of the thread that has its most similar face. */
function together(replies: readonly GalleryReply[], request: GalleryRequest): GalleryReply {
  const best = new BestSubjects(request.type === 'search' ? request.maximumCandidates : 0);
  for (const candidate of replies.flatMap(({ candidates }) => candidates)) best.offer(candidate);
  return {
    candidates: best.candidates,
    size: replies.reduce((sum, { size }) => sum + size, 0),
    bytes: replies.reduce((sum, { bytes }) => sum + bytes, 0),
    damagedFaceIds: replies.flatMap(({ damagedFaceIds }) => damagedFaceIds),
  };
}
